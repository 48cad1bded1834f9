/**
 * @file The page of approver, oversight and auditor: drafts that wait for them, orders, appeals and
 * the audit log. An auditor only reads.
 */

import { html, nothing } from '../vendor/lit.js';
import { beginStaffPage } from '../staff.js';
import { t } from '../texts.js';
import { DeskPage } from './desk-page.js';
import '../elements/audit-log.js';
import '../elements/draft-approval.js';

class OversightPage extends DeskPage {
  static properties = { ...DeskPage.properties, looking: { state: true } };

  /** @param {import('../rest.js').Me} me */
  constructor(me) {
    super(me);
    /** The draft that is being looked at. @type {import('../orders.js').Draft | null} */
    this.looking = null;
    void this.refresh();
  }

  async #leave(words = '') {
    this.looking = null;
    await this.changed(words);
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector('#orders-title'))?.focus();
  }

  /** @override */
  render() {
    return this.frame(
      t('oversight-title'),
      html`<div class="desk-content"
        @draft-act=${(/** @type {CustomEvent} */ event) => (this.looking = event.detail.draft)}
        @draft-approved=${() => this.#leave(t('approval-done'))}
        @draft-returned=${() => this.#leave(t('decline-done'))}
        @approval-left=${() => this.#leave()}
      >
        ${this.looking
          ? html`<draft-approval .draft=${this.looking} .me=${this.me}></draft-approval>`
          : html`${this.me.role === 'auditor' ? html`<p class="quiet">${t('oversight-read-only')}</p>` : nothing}
              ${this.ordersSection()} ${this.appealsSection()} ${this.untoldSection()} ${this.visitsSection('why')}
              <audit-log .zone=${this.me.facility.timezone}></audit-log>`}
      </div>`,
    );
  }
}

customElements.define('oversight-page', OversightPage);

document.body.append(new OversightPage(await beginStaffPage('/oversight')));
