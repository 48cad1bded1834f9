/**
 * @file The administrator's page: orders by state, a new order in five steps, appeals, notices,
 * requests made in the booths, and the visits that are coming.
 */

import { html, nothing } from '../vendor/lit.js';
import { get, post } from '../rest.js';
import { beginStaffPage } from '../staff.js';
import { t } from '../texts.js';
import { DeskPage } from './desk-page.js';
import '../elements/fresh-link.js';
import '../elements/order-flow.js';
import '../elements/request-list.js';

class AdministratorPage extends DeskPage {
  static properties = {
    ...DeskPage.properties,
    directory: { state: true },
    drafting: { state: true },
    resumed: { state: true },
    link: { state: true },
    requests: { state: true },
  };

  /** @param {import('../rest.js').Me} me */
  constructor(me) {
    super(me);
    /** @type {import('../staff.js').Directory | null} */
    this.directory = null;
    this.drafting = false;
    /** A draft to go on with. @type {import('../orders.js').Draft | null} */
    this.resumed = null;
    this.link = '';
    /** @type {import('../staff.js').BoothRequest[] | null} */
    this.requests = null;
    void this.refresh();
  }

  /** @override */
  async refresh() {
    await super.refresh();
    if (!this.outOfTouch) await this.attempt(async () => {
      this.requests = (await get('requests')).requests;
    });
  }

  /** @param {import('../orders.js').Draft | null} resumed */
  async #draft(resumed = null) {
    this.said = '';
    await this.attempt(async () => {
      this.directory = await get('directory');
      this.resumed = resumed;
      this.drafting = true;
    });
  }

  async #leave() {
    this.drafting = false;
    await this.refresh();
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.querySelector('#orders-title'))?.focus();
  }

  /** @param {{deed: string, draft: import('../orders.js').Draft}} wish */
  async #draftAct({ deed, draft }) {
    if (deed === 'continue') await this.#draft(draft);
    else {
      await this.attempt(async () => {
        await post(`orders/drafts/${draft.id}/withdraw`);
        await this.changed(t('draft-withdrawn'));
      });
    }
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  async #newLink(visit) {
    await this.attempt(async () => {
      const { link } = await post(`visits/${visit.id}/link`);
      this.link = link;
    });
  }

  /** @param {import('../staff.js').StaffVisit} visit */
  #askLink(visit) {
    this.link = '';
    void /** @type {import('../elements/fresh-link.js').FreshLink | null} */ (this.querySelector('fresh-link'))?.ask(visit);
  }

  /** @override */
  render() {
    return this.frame(
      t('administrator-title'),
      html`<div class="desk-content"
        @draft-act=${(/** @type {CustomEvent} */ event) => this.#draftAct(event.detail)}
        @flow-left=${() => this.#leave()}
        @visit-new-link=${(/** @type {CustomEvent} */ event) => this.#askLink(event.detail)}
        @request-answered=${() => this.changed(t('request-done'))}
        @link-wanted=${(/** @type {CustomEvent} */ event) => this.#newLink(event.detail)}
      >
        ${this.drafting ? nothing : html`<nav aria-label=${t('terminals-nav')}><a href="/terminals" data-testid="to-terminals">${t('terminals-title')}</a></nav>`}
        ${this.drafting
          ? html`<order-flow .directory=${this.directory} .me=${this.me} .clock=${this.clock} .resumed=${this.resumed}></order-flow>`
          : html`${this.ordersSection(this.#newButton())} ${this.untoldSection()} ${this.appealsSection()} ${this.#requestsSection()} ${this.visitsSection('link')} ${this.terminalsSection()}`}
        ${this.drafting ? nothing : html`<fresh-link .link=${this.link}></fresh-link>`}
      </div>`,
    );
  }

  /** A renewal goes the whole way: its draft opens at the numbers. @override */
  createRenderRoot() {
    this.addEventListener('draft-made', (event) => void this.#draft(/** @type {CustomEvent} */ (event).detail));
    return super.createRenderRoot();
  }

  #requestsSection() {
    const open = this.requests?.filter((request) => request.answered === null).length ?? 0;
    return html`<section aria-labelledby="requests-title">
      <div class="section-head"><h2 id="requests-title">${t('requests-title')} <span class="quiet">${t('appeals-open', { count: open })}</span></h2></div>
      ${this.requests ? html`<request-list .requests=${this.requests} .zone=${this.me.facility.timezone}></request-list>` : this.loading()}
    </section>`;
  }

  #newButton() {
    return html`<button type="button" class="button button-main" data-testid="order-new" @click=${() => this.#draft()}>${t('order-new')}</button>`;
  }
}

customElements.define('administrator-page', AdministratorPage);

document.body.append(new AdministratorPage(await beginStaffPage('/administrator')));
