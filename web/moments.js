/**
 * @file Times as people read them: the relay's clock, the reader's zone, the facility's zone.
 *
 * Guarantees: instants come in as ISO 8601 and go out in words of the page's language.
 * Leaves to others: whose zone to show.
 */

import { texts } from './texts.js';

/** The relay's clock, told by each message; the device's own clock may be wrong by hours. */
export class RelayClock {
  #offset = 0;

  /** @param {string} now the relay's instant, just received */
  set(now) {
    this.#offset = Date.parse(now) - Date.now();
  }

  /** @returns {number} the relay's time in milliseconds since 1970 */
  now() {
    return Date.now() + this.#offset;
  }
}

/**
 * Hours and minutes: `14:30`.
 * @param {string | number} instant
 * @param {string} [zone]
 * @param {string} [language] of somebody else who will read it
 */
export function clockTime(instant, zone, language = texts.language) {
  return new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  }).format(new Date(instant));
}

/**
 * Weekday, day and month: `Sunday, 22 November`.
 * @param {string | number} instant
 * @param {string} [zone]
 */
export function longDay(instant, zone) {
  return new Intl.DateTimeFormat(texts.language === 'en' ? 'en-GB' : texts.language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: zone,
  }).format(new Date(instant));
}

/**
 * From hour to hour, never broken over two lines: `14:30 – 14:45`.
 * @param {string | number} starts
 * @param {string | number} ends
 * @param {string} [zone]
 */
export function hours(starts, ends, zone) {
  return `${clockTime(starts, zone)}\u00a0–\u00a0${clockTime(ends, zone)}`;
}

/**
 * Day and month: `22 November`.
 * @param {string | number} instant
 * @param {string} [zone]
 * @param {string} [language] of somebody else who will read it
 */
export function shortDay(instant, zone, language = texts.language) {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    day: 'numeric',
    month: 'long',
    timeZone: zone,
  }).format(new Date(instant));
}

/**
 * Day, month and time: `22 November, 14:30`.
 * @param {string | number} instant
 * @param {string} [zone]
 * @param {string} [language] of somebody else who will read it
 */
export function dayAndTime(instant, zone, language = texts.language) {
  return `${shortDay(instant, zone, language)}, ${clockTime(instant, zone, language)}`;
}

/**
 * Whether two instants fall on one calendar day of the zone.
 * @param {string | number} one
 * @param {string | number} other
 * @param {string} [zone]
 */
export function sameDay(one, other, zone) {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone });
  return day.format(new Date(one)) === day.format(new Date(other));
}

/**
 * Whether the reader's wall clock differs from the facility's at that instant.
 * @param {string | number} instant
 * @param {string} facilityZone
 */
export function zonesDiffer(instant, facilityZone) {
  return dayAndTime(instant) !== dayAndTime(instant, facilityZone);
}

/**
 * `12:05` for a stretch of time; never negative.
 * @param {number} milliseconds
 */
export function stopwatch(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, '0');
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

/**
 * An instant on the facility's clock as `YYYY-MM-DDTHH:MM`, for a field.
 * @param {number} instant milliseconds since 1970
 * @param {string} zone
 */
export function toFacilityTime(instant, zone) {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(instant));
  const part = (/** @type {string} */ type) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/**
 * The ISO instant at which the facility's clock shows `local` (`YYYY-MM-DDTHH:MM`). In the hour
 * that a clock change repeats it is the earlier one; in the hour it skips, the hour before.
 * @param {string} local
 * @param {string} zone
 */
export function fromFacilityTime(local, zone) {
  const wanted = Date.parse(`${local}Z`);
  let instant = wanted;
  for (let round = 0; round < 2; round += 1) {
    instant += wanted - Date.parse(`${toFacilityTime(instant, zone)}Z`);
  }
  return new Date(instant).toISOString();
}
