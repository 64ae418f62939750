/**
 * When a deployed function runs its tests by itself: expressions of EventBridge Scheduler. crates/config/src/schedule.rs has
 * the same grammar, and crates/config/tests/cases.yaml holds both to it.
 */

import { ConfigError } from './error';
import { expected, type Reader, text } from './values';

const MINUTE = field('[0-5]?[0-9]');
const HOUR = field('(?:[01]?[0-9]|2[0-3])');
const DAY = field('(?:0?[1-9]|[12][0-9]|3[01])', '|LW?|(?:0?[1-9]|[12][0-9]|3[01])W');
const MONTH = field('(?:0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)');
const WEEKDAY = field('(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)', '|[1-7]?L|[1-7]#[1-5]');
const YEAR = field('(?:19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})');

/** A day is one of the month or one of the week, and the other is a question mark. */
const DAYS = `(?:${DAY} +${MONTH} +\\?|\\? +${MONTH} +${WEEKDAY})`;

const PATTERNS = [
  new RegExp(`^cron\\(${MINUTE} +${HOUR} +${DAYS} +${YEAR}\\)$`),
  /^rate\([1-9][0-9]{0,4} (?:minutes?|hours?|days?)\)$/,
  /^at\([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\)$/,
];

/** A list of values, ranges and steps, with what the field has beyond that. */
function field(value: string, special = ''): string {
  const item = `(?:(?:\\*|${value}(?:-${value})?)(?:/[0-9]{1,4})?${special})`;
  return `${item}(?:,${item})*`;
}

/** What is wrong with a schedule; `undefined` where nothing is. */
export function scheduleProblem(written: string): string | undefined {
  if (PATTERNS.some((pattern) => pattern.test(written))) return undefined;
  const cron = 'cron has six fields, exactly one of the two days is `?`';
  return `${cron}; or \`rate(12 hours)\`, \`at(2030-01-31T03:00:00)\``;
}

export const schedule: Reader<string> = (node) => {
  const what = 'a schedule such as `cron(0 3 * * ? *)`';
  const written = text(what)(node);
  const problem = scheduleProblem(written);
  if (problem) throw new ConfigError(`${expected(what, node).problem}: ${problem}`, node.line);
  return written;
};

export const timeZone: Reader<string> = text(
  'the name of a time zone such as `Europe/Berlin`',
  /^[A-Za-z][A-Za-z0-9_+-]{0,24}(\/[A-Za-z0-9_+-]{1,24}){0,2}$/,
);
