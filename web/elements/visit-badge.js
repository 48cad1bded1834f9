/**
 * @file `<visit-badge>`: whether the visit is recorded or watched, in colour, shape and words.
 */

import { html } from '../vendor/lit.js';
import { t } from '../texts.js';
import { isProtected } from '../vocabulary.js';
import { ParloirElement } from './element.js';
import { icon } from './icon.js';

export class VisitBadge extends ParloirElement {
  static properties = {
    visitType: { attribute: false },
    recorded: { attribute: false },
    long: { type: Boolean },
  };

  constructor() {
    super();
    this.visitType = '';
    this.recorded = false;
    /** Whether there is room for the whole sentence. */
    this.long = false;
  }

  /** @override */
  render() {
    const kind = this.recorded
      ? 'recorded'
      : isProtected(this.visitType)
        ? 'protected'
        : 'not-recorded';
    return html`<p class="badge badge-${kind}" data-testid="badge" data-kind=${kind}>
      ${kind === 'protected'
        ? icon('shield')
        : html`<span class="badge-dot" aria-hidden="true"></span>`}
      <span>${this.#words(kind)}</span>
    </p>`;
  }

  /** @param {'recorded' | 'protected' | 'not-recorded'} kind */
  #words(kind) {
    if (kind === 'protected') return t('badge-protected');
    if (kind === 'recorded') return this.long ? t('badge-recorded-long') : t('badge-recorded');
    return this.long ? t('badge-not-recorded-long') : t('badge-not-recorded');
  }
}

customElements.define('visit-badge', VisitBadge);
