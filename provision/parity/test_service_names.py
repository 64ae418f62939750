"""What interface endpoints are called outside of the ordinary partitions: the Terraform module's table is CDK's."""

import json
import subprocess
import unittest

from schema import REPOSITORY

TABLE = REPOSITORY / "terraform/modules/vpc-endpoints/service_names.json"

# The name of every service that CDK has a word for, in the regions that it is told, where it does not begin as usual.
OTHER_NAMES = """
const { App, Stack } = require('aws-cdk-lib');
const { InterfaceVpcEndpointAwsService: Service } = require('aws-cdk-lib/aws-ec2');
const { RegionInfo } = require('aws-cdk-lib/region-info');

const words = new Set(JSON.parse(process.argv[1]));
for (const key of Object.getOwnPropertyNames(Service)) if (Service[key] instanceof Service) words.add(Service[key].shortName);
const found = {};
for (const { name: region } of RegionInfo.regions) {
  const stack = new Stack(new App(), 'Names', { env: { region, account: '123456789012' } });
  for (const word of words) {
    const name = stack.resolve(new Service(word).name);
    if (name !== `com.amazonaws.${region}.${word}`) (found[region] ??= {})[word] = name;
  }
}
console.log(JSON.stringify(found));
"""


class ServiceNames(unittest.TestCase):
    maxDiff = None

    def test_the_table_is_that_of_cdk(self):
        table = json.loads(TABLE.read_text())
        words = sorted({word for names in table.values() for word in names})
        said = subprocess.run(
            ["node", "-e", OTHER_NAMES, json.dumps(words)],
            cwd=REPOSITORY / "cdk", text=True, capture_output=True, check=True,
        )
        self.assertEqual(json.loads(said.stdout), table)


if __name__ == "__main__":
    unittest.main()
