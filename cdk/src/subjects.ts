/** Whose tokens a CI role trusts, and which of them. */

export const GITHUB = 'https://token.actions.githubusercontent.com';

/**
 * The ids after @ are in the tokens of repositories made since the summer of 2026. `$` is out because IAM fills in ${…} in
 * what it compares with.
 */
const GITHUB_SUBJECT =
  /^repo:[A-Za-z0-9_.-]+(@[0-9]+\/[A-Za-z0-9_.-]+@[0-9]+|\/[A-Za-z0-9_.-]+):(ref:refs\/heads\/|environment:)[^$*?\p{Cc}]+$/u;
const GITLAB_SUBJECT =
  /^project_path:[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)+:(ref_type:branch:ref:|environment:)[^$*?\p{Cc}]+$/u;

/** What is wrong with an issuer; `undefined` where nothing is. */
export function issuerProblem(issuer: string): string | undefined {
  const isUrl = /^https:\/\/[a-z0-9.-]+(:[0-9]+)?(\/[A-Za-z0-9._~-]+)*$/.test(issuer);
  return isUrl ? undefined : `\`${issuer}\` is no issuer: an https URL without a slash at its end`;
}

/** What is wrong with the audience of tokens; `undefined` where nothing is. */
export function audienceProblem(audience: string): string | undefined {
  return /^[^*?\s]+$/.test(audience) ? undefined : `\`${audience}\` is no audience: one, without wildcards`;
}

/** What is wrong with a subject: it must be one branch or one environment of one repository. */
export function subjectProblem(issuer: string, subject: string): string | undefined {
  if (/[*?]/.test(subject)) {
    return `the subject \`${subject}\` has a wildcard: name the repository and its branch or environment`;
  }
  // Servers of one's own sign either kind.
  const isGood = GITHUB_SUBJECT.test(subject) || (issuer !== GITHUB && GITLAB_SUBJECT.test(subject));
  if (isGood) return undefined;
  const github = 'repo:OWNER/NAME:ref:refs/heads/BRANCH or repo:OWNER/NAME:environment:NAME';
  const gitlab = 'project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH';
  return `\`${subject}\` is no branch or environment of a repository: GitHub's are ${github}, GitLab's ${gitlab}`;
}
