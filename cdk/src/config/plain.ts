/**
 * What a scalar without quotes means to the three readers of lamex.yaml: this one, lamex-ctl and Terraform's
 * `yamldecode`. They agree on YAML 1.2's numbers, `null`, `true` and `false`. Terraform's also takes `yes`, `no`,
 * `on`, `off`, `y` and `n` for booleans and rewrites dates, so text that looks like these needs quotes for all.
 */

const NUMBER = /^[-+]?(0x[0-9a-f]+|0o[0-7]+|\.inf|\.nan|([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[-+]?[0-9]+)?)$/;
const DATE = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t ].*)?$/;

/** What the scalar is to at least one of the readers, or `undefined` where all of them see text. */
export function otherThanText(plain: string): string | undefined {
  const lower = plain.toLowerCase();
  if (['', '~', 'null'].includes(lower)) return 'no value';
  if (['true', 'false'].includes(lower)) return 'a boolean';
  if (['yes', 'no', 'on', 'off', 'y', 'n'].includes(lower)) return 'a boolean to Terraform';
  if (NUMBER.test(lower)) return 'a number';
  return DATE.test(lower) ? 'a date to Terraform' : undefined;
}

/** The boolean that the scalar is to all three readers. */
export function boolean(plain: string): boolean | undefined {
  if (['true', 'True', 'TRUE'].includes(plain)) return true;
  return ['false', 'False', 'FALSE'].includes(plain) ? false : undefined;
}
