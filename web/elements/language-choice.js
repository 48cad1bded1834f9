/**
 * @file `<language-choice>`: each language by its own name; changing it keeps the page's state.
 */

import { html } from '../vendor/lit.js';
import { LANGUAGES, texts } from '../texts.js';
import { ParloirElement } from './element.js';

/** @type {Record<string, string>} */
const OWN_NAMES = { ru: 'Русский', en: 'English' };

export class LanguageChoice extends ParloirElement {
  /** @override */
  render() {
    return html`<ul class="languages">
      ${LANGUAGES.map(
        (language) => html`<li>
          <button
            type="button" class="link" lang=${language} data-testid="language-${language}"
            aria-current=${texts.language === language ? 'true' : 'false'}
            @click=${() => texts.choose(language)}
          >${OWN_NAMES[language] ?? language}</button>
        </li>`,
      )}
    </ul>`;
  }
}

customElements.define('language-choice', LanguageChoice);
