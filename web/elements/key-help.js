/**
 * @file `<key-help>`: the keys of the guard's page.
 */

import { html } from '../vendor/lit.js';
import { t } from '../texts.js';
import { ParloirElement } from './element.js';

export class KeyHelp extends ParloirElement {
  /** Show the keys. */
  show() {
    this.querySelector('dialog')?.showModal();
  }

  /** @override */
  render() {
    const keys = [
      ['↑ ↓ ← →', t('keys-select')],
      ['1 … 9', t('keys-tile')],
      ['Enter', t('keys-watch')],
      ['L', t('keys-listen')],
      ['n', t('keys-next-alert')],
      ['A', t('keys-acknowledge')],
      ['W', t('keys-warn')],
      ['Shift + T', t('keys-terminate')],
      ['/', t('keys-find')],
      ['?', t('keys-help')],
      ['Esc', t('keys-escape')],
    ];
    return html`<dialog class="dialog" aria-labelledby="keys-title">
      <h2 id="keys-title">${t('keys-title')}</h2>
      <dl class="keys">${keys.map(([key, words]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${words}</dd></div>`)}</dl>
      <form method="dialog"><button class="button">${t('close')}</button></form>
    </dialog>`;
  }
}

customElements.define('key-help', KeyHelp);
