/** The function's environment variables: names and values that Lambda takes. */

/** Lambda's limit, on the variables as one JSON object. */
const MAX_BYTES = 4096;

/** Set where destructive commands are allowed; the runner reads it once, at init. */
export const ALLOW_DESTRUCTIVE = 'LAMEX_ALLOW_DESTRUCTIVE';

/** The reserved names of Lambda's documentation, and those that begin as its own do. */
const RESERVED =
  /^(_HANDLER|AWS_REGION|AWS_DEFAULT_REGION|AWS_EXECUTION_ENV|AWS_ACCESS_KEY|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_LAMBDA_.*|LAMBDA_.*|_X_AMZN_.*)$/;

/** What the function gets: the given variables, and the guard's where destructive commands are allowed. */
export function allVariables(
  env: Readonly<Record<string, string>>,
  allowDestructive: boolean,
): Record<string, string> {
  return allowDestructive ? { ...env, [ALLOW_DESTRUCTIVE]: 'true' } : { ...env };
}

/** What Lambda, or lamex, would refuse; `undefined` where nothing is wrong. */
export function checkVariables(
  env: Readonly<Record<string, string>>,
  allowDestructive: boolean,
): string | undefined {
  for (const name of Object.keys(env)) {
    if (name === ALLOW_DESTRUCTIVE)
      return `\`${name}\` is reserved: write \`allow_destructive: true\` instead`;
    if (name.startsWith('LAMEX_')) return `\`${name}\` is reserved for lamex itself: choose another name`;
    if (RESERVED.test(name)) return `\`${name}\` is reserved: Lambda sets it and refuses any other value`;
    if (!/^[A-Za-z][A-Za-z0-9_]+$/.test(name)) {
      return `\`${name}\` is not a valid name for an environment variable on Lambda`;
    }
  }
  // As Lambda measures it, which says so in its refusal ("String measured: {…}").
  const bytes = Buffer.byteLength(JSON.stringify(allVariables(env, allowDestructive)));
  if (bytes > MAX_BYTES) return `the environment variables have ${bytes} bytes; Lambda allows ${MAX_BYTES}`;
  return undefined;
}
