/** The OIDC provider by which an account trusts the tokens of CI. */

import { RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { CfnOIDCProvider } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { defaultAudience } from './names';
import { audienceProblem, GITHUB, issuerProblem } from './subjects';

export interface LamexOidcProviderProps {
  /**
   * Who signs the tokens of CI: GitHub Actions, `https://gitlab.com`, or a GitLab of your own.
   *
   * @default 'https://token.actions.githubusercontent.com'
   */
  readonly issuer?: string;

  /**
   * The `aud` of the tokens that the account's roles may trust.
   *
   * @default - 'sts.amazonaws.com', and 'sts.amazonaws.com.cn' in China
   */
  readonly audiences?: readonly string[];

  /**
   * The certificate thumbprints of the issuer, where AWS does not know the issuer's certificate authority.
   *
   * @default - none
   */
  readonly thumbprints?: readonly string[];
}

/**
 * An account has one for each issuer, and all its roles for CI use that one: it belongs into a stack of its own, and
 * stays when the stack is deleted. `LamexCiAccess` derives its ARN.
 */
export class LamexOidcProvider extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: LamexOidcProviderProps = {}) {
    super(scope, id);
    const issuer = props.issuer ?? GITHUB;
    const audiences = props.audiences ?? [defaultAudience(Stack.of(this).region)];
    const problem = Token.isUnresolved(issuer) ? undefined : issuerProblem(issuer);
    if (problem) throw new Error(problem);
    if (audiences.length === 0) throw new Error('the OIDC provider needs at least one audience');
    const wrong = audiences.map(audienceProblem).find((found) => found !== undefined);
    if (wrong) throw new Error(wrong);
    const provider = new CfnOIDCProvider(this, 'Resource', {
      url: issuer,
      clientIdList: [...audiences],
      thumbprintList: props.thumbprints && [...props.thumbprints],
    });
    provider.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.arn = provider.attrArn;
  }
}
