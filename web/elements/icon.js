/**
 * @file Icons as inline SVG in the text's own colour; never the only carrier of a meaning.
 */

import { html, svg } from '../vendor/lit.js';

const DRAWINGS = {
  microphone: svg`<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0 0 14 0M12 18v3"/>`,
  'microphone-off': svg`<path d="M9 9v2a3 3 0 0 0 4.6 2.5M15 11V6a3 3 0 0 0-5.8-1M5 11a7 7 0 0 0 11.5 5.3M19 11a7 7 0 0 1-.6 2.8M12 18v3M4 3l16 18"/>`,
  camera: svg`<rect x="3" y="6" width="12" height="12" rx="2"/><path d="m15 10 6-3v10l-6-3"/>`,
  'camera-off': svg`<path d="M9 6h4a2 2 0 0 1 2 2v3l6-4v10l-3-1.6M15 15v1a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2M4 3l16 18"/>`,
  person: svg`<circle cx="12" cy="8" r="4"/><path d="M4 21c0-4.5 3.5-7 8-7s8 2.5 8 7"/>`,
  help: svg`<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5v.5"/>`,
  leave: svg`<path d="M3 13.5c5-5 13-5 18 0l-2.2 3.2-4-1.5v-2.4a9 9 0 0 0-5.6 0v2.4l-4 1.5z"/>`,
  sound: svg`<path d="M4 9v6h4l5 4V5L8 9zM16.5 9a4 4 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11"/>`,
  shield: svg`<path d="M12 3 5 6v5c0 5 3 8.5 7 10 4-1.5 7-5 7-10V6z"/><path d="m9 12 2 2 4-4"/>`,
  calendar: svg`<rect x="4" y="5" width="16" height="16" rx="2"/><path d="M4 10h16M8 3v4M16 3v4"/>`,
  clock: svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>`,
  check: svg`<path d="m5 12.5 4.5 4.5L19 7"/>`,
  cross: svg`<path d="M6 6l12 12M18 6 6 18"/>`,
  pause: svg`<path d="M9 6v12M15 6v12"/>`,
  info: svg`<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5v.5"/>`,
};

/** @typedef {keyof typeof DRAWINGS} IconName */

/**
 * @param {IconName} name
 */
export const icon = (name) => html`<svg
  class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor"
  stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"
  focusable="false">${DRAWINGS[name]}</svg>`;
