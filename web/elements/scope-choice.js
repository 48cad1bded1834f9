/**
 * @file `<scope-choice>`: what an order reaches: the kind narrowest first, then which one.
 *
 * Tells `scope-chosen` with the scope of the contract (or null while nothing is chosen).
 */

import { html, live, nothing } from '../vendor/lit.js';
import { t, texts } from '../texts.js';
import { SCOPE_KINDS } from '../vocabulary.js';
import { ParloirElement } from './element.js';

/** @typedef {Record<string, string[]>} Scope */

export class ScopeChoice extends ParloirElement {
  static properties = {
    directory: { attribute: false },
    scope: { attribute: false },
    kind: { state: true },
    value: { state: true },
    find: { state: true },
    problem: { attribute: false },
  };

  constructor() {
    super();
    /** @type {import('../staff.js').Directory | null} */
    this.directory = null;
    /** What is chosen so far. @type {Scope | null} */
    this.scope = null;
    /** @type {string} */
    this.kind = SCOPE_KINDS[0];
    this.value = '';
    this.find = '';
    this.problem = '';
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    const kinds = Object.entries(this.scope ?? {}).filter(([kind], _, all) => kind !== 'facility' || all.length === 1);
    if (kinds.length !== 1 || kinds[0][1].length !== 1 || !SCOPE_KINDS.includes(kinds[0][0])) return;
    [this.kind, [this.value]] = kinds[0];
  }

  /** @override */
  render() {
    if (!this.directory) return nothing;
    const options = this.#options(this.directory);
    const wanted = this.find.trim().toLocaleLowerCase();
    const shown = options.filter(
      ([id, words]) => id === this.value || `${words} ${id}`.toLocaleLowerCase().includes(wanted),
    );
    return html`
      <label class="field"><span>${t('scope-kind')}</span>
        <select data-testid="scope-kind" @change=${this.#kindChosen}>
          ${SCOPE_KINDS.map((kind) => html`<option value=${kind} ?selected=${kind === this.kind}>${t(`scope-${kind}`)}</option>`)}
        </select></label>
      ${this.kind === 'facility'
        ? nothing
        : html`<label class="field"><span>${t('scope-find')}</span>
            <input type="search" data-testid="scope-find" autocomplete="off" .value=${live(this.find)}
              @input=${(/** @type {Event} */ event) => (this.find = /** @type {HTMLInputElement} */ (event.target).value)}></label>`}
      <label class="field"><span>${t('scope-value')}</span>
        <select data-testid="scope-value" size=${this.kind === 'facility' ? 1 : 5} aria-invalid=${this.problem !== ''}
          aria-describedby="scope-problem" @change=${this.#valueChosen}>
          ${this.kind === 'facility' ? html`<option value="">${t('choose')}</option>` : nothing}
          ${shown.map(([id, words]) => html`<option value=${id} ?selected=${id === this.value}>${words}</option>`)}
        </select></label>
      ${shown.length === 0 ? html`<p class="quiet" role="status">${t('scope-none-found')}</p>` : nothing}
      <p class="problem" id="scope-problem">${this.problem}</p>`;
  }

  /**
   * @param {import('../staff.js').Directory} directory
   * @returns {[string, string][]} id and words
   */
  #options(directory) {
    const inmate = new Map(directory.inmates.map((one) => [one.id, one.name]));
    const visitor = new Map(directory.visitors.map((one) => [one.id, one.name]));
    const unit = new Map(directory.housing_units.map((one) => [one.id, one.name]));
    switch (this.kind) {
      case 'inmate':
        return directory.inmates.map((one) => [one.id, `${one.name} · ${unit.get(one.housing_unit) ?? one.housing_unit}`]);
      case 'visitor':
        return directory.visitors.map((one) => [one.id, one.name]);
      case 'contact':
        return directory.contacts.map((one) => [
          one.id,
          `${inmate.get(one.inmate)} — ${visitor.get(one.visitor)} (${texts.find(`relationship-${one.relationship}`) ?? one.relationship})`,
        ]);
      case 'terminal':
        return directory.terminals.map((one) => [one.id, `${one.label} · ${unit.get(one.housing_unit) ?? ''}`]);
      case 'housing_unit':
        return directory.housing_units.map((one) => [one.id, one.name]);
      default:
        return [[directory.facility.id, directory.facility.name]];
    }
  }

  /** @param {Event} event */
  #kindChosen(event) {
    this.kind = /** @type {HTMLSelectElement} */ (event.target).value;
    this.value = '';
    this.find = '';
    this.tell('scope-chosen', null);
  }

  /** @param {Event} event */
  #valueChosen(event) {
    this.value = /** @type {HTMLSelectElement} */ (event.target).value;
    this.tell('scope-chosen', this.value && this.directory ? this.#scope(this.directory.facility.id) : null);
  }

  /**
   * A terminal and a housing unit are named together with their facility.
   * @param {string} facility
   * @returns {Scope}
   */
  #scope(facility) {
    const local = this.kind === 'terminal' || this.kind === 'housing_unit';
    return { ...(local ? { facility: [facility] } : {}), [this.kind]: [this.value] };
  }
}

customElements.define('scope-choice', ScopeChoice);
