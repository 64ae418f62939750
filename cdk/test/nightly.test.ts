/** The schedule by which a function runs its tests by itself, and the alarms on what became of that. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LamexAlarms, LamexSchedule, type LamexScheduleProps } from '../src';
import { ACCOUNT, REGION, runnerOf, STAGING, templateOf } from './fixture';

const NAME = 'system-tests-lamex-schedule';
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:nightly-tests`;
const NIGHTLY = `${STAGING}, schedule: cron(0 3 * * ? *), schedule_timezone: Europe/Berlin`;

test('no schedule and no alarm that nobody asked for', () => {
  const found = templateOf(STAGING);
  for (const type of [
    'AWS::Scheduler::Schedule',
    'AWS::Scheduler::ScheduleGroup',
    'AWS::CloudWatch::Alarm',
  ]) {
    found.resourceCountIs(type, 0);
  }
  templateOf(NIGHTLY).resourceCountIs('AWS::CloudWatch::Alarm', 0);
  templateOf(NIGHTLY, { alarmTopicArns: [] }).resourceCountIs('AWS::CloudWatch::Alarm', 0);
});

test('one plain invocation of what is live, never repeated', () => {
  const found = templateOf(`${NIGHTLY}, tags: { team: orders }`);
  const [role] = Object.keys(found.findResources('AWS::IAM::Role', { Properties: { RoleName: NAME } }));
  const [alias] = Object.keys(found.findResources('AWS::Lambda::Alias'));
  found.hasResourceProperties('AWS::Scheduler::Schedule', {
    Name: NAME,
    GroupName: Match.anyValue(),
    ScheduleExpression: 'cron(0 3 * * ? *)',
    ScheduleExpressionTimezone: 'Europe/Berlin',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: { Ref: alias },
      RoleArn: { 'Fn::GetAtt': [role, 'Arn'] },
      Input: '{}',
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    },
  });
  found.hasResourceProperties('AWS::Scheduler::ScheduleGroup', {
    Name: NAME,
    Tags: [{ Key: 'team', Value: 'orders' }],
  });
  // Nor by Lambda.
  found.allResourcesProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
});

test('a role for one group of schedules and one alias', () => {
  const found = templateOf(NIGHTLY, { permissionsBoundaryArn: `arn:aws:iam::${ACCOUNT}:policy/boundary` });
  const [alias] = Object.keys(found.findResources('AWS::Lambda::Alias'));
  const group = `:scheduler:${REGION}:${ACCOUNT}:schedule-group/${NAME}`;
  found.hasResourceProperties('AWS::IAM::Role', {
    RoleName: NAME,
    PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/boundary`,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: {
            StringEquals: {
              'aws:SourceAccount': ACCOUNT,
              'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, group]] },
            },
          },
        },
      ],
    },
    Policies: [
      {
        PolicyName: 'lamex',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'InvokeWhatIsLive',
              Effect: 'Allow',
              Action: 'lambda:InvokeFunction',
              Resource: { Ref: alias },
            },
          ],
        },
      },
    ],
  });
});

test('alarms on runs that did not pass or did not happen', () => {
  const alarms = Object.values(
    templateOf(NIGHTLY, { alarmTopicArns: [TOPIC, TOPIC] }).findResources('AWS::CloudWatch::Alarm'),
  ).map(({ Properties }) => Properties);
  const live = [
    { Name: 'FunctionName', Value: 'system-tests' },
    { Name: 'Resource', Value: 'system-tests:live' },
  ];
  assert.deepEqual(
    alarms.map(({ AlarmName, Namespace, MetricName }) => [AlarmName, Namespace, MetricName]),
    [
      ['system-tests-lamex-errors', 'AWS/Lambda', 'Errors'],
      ['system-tests-lamex-throttles', 'AWS/Lambda', 'Throttles'],
      ['system-tests-lamex-dropped-events', 'AWS/Lambda', 'AsyncEventsDropped'],
      ['system-tests-lamex-schedule', 'AWS/Scheduler', 'InvocationDroppedCount'],
    ],
  );
  for (const alarm of alarms) {
    assert.deepEqual(alarm['AlarmActions'], [TOPIC]);
    assert.deepEqual(
      [alarm['Statistic'], alarm['ComparisonOperator'], alarm['Threshold'], alarm['TreatMissingData']],
      ['Sum', 'GreaterThanThreshold', 0, 'notBreaching'],
    );
    // An error is told of when the run ends, with the time at which it began.
    assert.ok(alarm['Period'] * alarm['EvaluationPeriods'] > 900);
  }
  const dimensions = alarms.map(({ Dimensions }) => JSON.stringify(Dimensions));
  assert.deepEqual(dimensions, [
    JSON.stringify(live),
    JSON.stringify(live),
    JSON.stringify(live.slice(0, 1)),
    JSON.stringify([{ Name: 'ScheduleGroup', Value: NAME }]),
  ]);
});

test('a prefix of the names of all of it, and a path of the role', () => {
  const props = { namePrefix: 'shared-', rolePath: '/service/', alarmTopicArns: [TOPIC] };
  const found = templateOf(NIGHTLY, props);
  const group = `:scheduler:${REGION}:${ACCOUNT}:schedule-group/shared-${NAME}`;
  found.hasResourceProperties('AWS::Scheduler::Schedule', { Name: `shared-${NAME}` });
  found.hasResourceProperties('AWS::Scheduler::ScheduleGroup', { Name: `shared-${NAME}` });
  found.hasResourceProperties('AWS::IAM::Role', {
    RoleName: `shared-${NAME}`,
    Path: '/service/',
    AssumeRolePolicyDocument: {
      Statement: [
        Match.objectLike({
          Condition: {
            StringEquals: Match.objectLike({
              'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, group]] },
            }),
          },
        }),
      ],
    },
  });
  const alarms = Object.values(found.findResources('AWS::CloudWatch::Alarm'));
  assert.deepEqual(
    alarms.map(({ Properties }) => Properties['AlarmName']),
    ['errors', 'throttles', 'dropped-events', 'schedule'].map((what) => `shared-system-tests-lamex-${what}`),
  );
  found.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: `shared-${NAME}`,
    Dimensions: [{ Name: 'ScheduleGroup', Value: `shared-${NAME}` }],
  });
});

const scheduled = (props: Partial<LamexScheduleProps>, functionName = 'system-tests', namePrefix = '') => {
  const runner = runnerOf({ functionName, namePrefix });
  return new LamexSchedule(Stack.of(runner), 'Schedule', { runner, schedule: 'rate(1 day)', ...props });
};

test('constructs of their own', () => {
  const schedule = scheduled({});
  const found = Template.fromStack(schedule.schedule.stack);
  found.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpressionTimezone: 'UTC' });
  scheduled({}, 'f'.repeat(49));
  assert.throws(
    () => scheduled({}, 'f'.repeat(50)),
    /50 characters, at most 49 are possible with a schedule/,
  );
  scheduled({}, 'f'.repeat(42), 'shared-');
  assert.throws(
    () => scheduled({}, 'f'.repeat(43), 'shared-'),
    /`shared-` and `f+` have more than 49 characters together, where there is a schedule/,
  );
  assert.throws(() => scheduled({ rolePath: 'service' }), /must begin and end with a slash/);
  assert.throws(() => scheduled({ schedule: 'cron(0 3 * * * *)' }), /exactly one of the two days is `\?`/);
});

test('topics that CloudWatch would not take', () => {
  const alarms = (topicArns: string[]) => {
    const runner = runnerOf();
    return new LamexAlarms(Stack.of(runner), 'Alarms', { runner, topicArns });
  };
  assert.throws(() => alarms([]), /1 to 5 topics/);
  assert.throws(() => alarms([1, 2, 3, 4, 5, 6].map((number) => `${TOPIC}-${number}`)), /1 to 5 topics/);
  assert.throws(() => alarms(['nightly-tests']), /`nightly-tests` is not one of the ARNs of SNS topics/);
});
