/** Durations as lamex.yaml writes them: `90s`, `5m`, `1m30s`. */

const GRAMMAR = /^(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,5})s)?$/;

/** The seconds that a duration says, or `undefined` where the text is none. */
export function seconds(text: string): number | undefined {
  const parts = text === '' ? null : GRAMMAR.exec(text);
  if (!parts) return undefined;
  const [hours, minutes, rest] = parts.slice(1).map((digits) => Number(digits ?? 0));
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (rest ?? 0);
}
