/**
 * @file The words of the screens: Fluent files of /static/locales in the reader's language.
 *
 * Guarantees: the language is the first known one of `?lang=`, the reader's earlier choice, the
 * browser's own, Russian; a change of language reaches every listener; an unknown key shows
 * itself rather than breaking the page. Leaves to others: dates and times (`moments.js`).
 */

import { FluentBundle, FluentResource } from './vendor/fluent-bundle.js';

/** Languages with a complete catalogue; the first is the fallback. */
export const LANGUAGES = Object.freeze(['ru', 'en']);
const STORED = 'parloir-language';

/** @typedef {Record<string, string | number>} TextArguments */

/** The catalogue of one page. */
class Texts extends EventTarget {
  /** @type {string} */
  language = LANGUAGES[0];
  /** @type {FluentBundle | null} */
  #bundle = null;
  /** @type {string[]} */
  #files = [];

  /**
   * Load these files (names without `.ftl`) in the reader's language.
   * @param {string[]} files
   */
  async load(files) {
    this.#files = files;
    await this.#use(readersLanguage());
  }

  /**
   * Change the language of the page and remember it.
   * @param {string} language
   */
  async choose(language) {
    remember(language);
    const address = new URL(location.href);
    if (address.searchParams.has('lang')) {
      address.searchParams.set('lang', language);
      history.replaceState(null, '', address); // or a reload would undo the choice
    }
    await this.#use(language);
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} language */
  async #use(language) {
    this.#bundle = await bundleOf(language, this.#files);
    this.language = language;
    document.documentElement.lang = language;
  }

  /**
   * The text of `key`, or the key itself when there is none.
   * @param {string} key
   * @param {TextArguments} [values]
   */
  text(key, values) {
    const message = this.#bundle?.getMessage(key);
    if (!this.#bundle || !message?.value) return key;
    return this.#bundle.formatPattern(message.value, values);
  }

  /**
   * The text of `key`, or null when the catalogue has none.
   * @param {string} key
   * @param {TextArguments} [values]
   */
  find(key, values) {
    return this.#bundle?.hasMessage(key) ? this.text(key, values) : null;
  }
}

/**
 * Texts of one language, whichever the page's is: what somebody else will read.
 * @param {string} language
 * @param {string[]} files those named first go before
 * @returns {Promise<(key: string) => string | null>} null where the catalogue has no such text
 */
export async function catalogueOf(language, files) {
  const bundle = await bundleOf(language, files);
  return (key) => {
    const message = bundle.getMessage(key);
    return message?.value ? bundle.formatPattern(message.value) : null;
  };
}

/**
 * @param {string} language
 * @param {string[]} files
 */
async function bundleOf(language, files) {
  const sources = await Promise.all(files.map((file) => source(language, file)));
  const bundle = new FluentBundle(language, { useIsolating: false });
  for (const text of sources) bundle.addResource(new FluentResource(text));
  return bundle;
}

/**
 * @param {string} language
 * @param {string} file
 */
async function source(language, file) {
  const response = await fetch(`/static/locales/${language}/${file}.ftl`);
  if (!response.ok) throw new Error(`no texts: ${language}/${file} (${response.status})`);
  return response.text();
}

/** @returns {string} */
function readersLanguage() {
  const asked = new URLSearchParams(location.search).get('lang');
  if (asked !== null && LANGUAGES.includes(asked)) {
    remember(asked); // the next page has no ?lang=
    return asked;
  }
  const wishes = [
    remembered(),
    ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()),
  ];
  return wishes.find((wish) => wish !== null && LANGUAGES.includes(wish)) ?? LANGUAGES[0];
}

function remembered() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // storage is switched off: the browser's language decides
  }
}

/** @param {string} language */
function remember(language) {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
}

export const texts = new Texts();

/**
 * The text of `key` in the page's language.
 * @param {string} key
 * @param {TextArguments} [values]
 */
export const t = (key, values) => texts.text(key, values);
