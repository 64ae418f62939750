"""A project outside of this repository, which has lamex as an npm package: types, peer dependencies, and a deployment."""

import json
import pathlib
import subprocess
import unittest

import aws
from cloud import CDK, FUNCTION, Cloud

APP = """\
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { LamexRunner, type LamexRunnerProps, LamexYaml } from 'lamex-cdk';

class Tests extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & Pick<LamexRunnerProps, 'functionName'>) {
    super(scope, id, props);
    const { vpc } = LamexYaml.fromFile('lamex.yaml').deployedEnvironment('staging');
    const runner = new LamexRunner(this, 'SystemTests', {
      functionName: props.functionName,
      vpc: Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId: vpc?.id ?? '',
        availabilityZones: ['us-east-2a', 'us-east-2b'],
        privateSubnetIds: [...(vpc?.subnetIds ?? [])],
      }),
      environment: { ORDERS_ADDR: 'orders.internal:50051' },
    });
    const orders = SecurityGroup.fromSecurityGroupId(this, 'Orders', 'GROUP');
    runner.connections.allowTo(orders, Port.tcp(50051));
  }
}

new Tests(new App(), 'system-tests', {
  functionName: 'FUNCTION',
  env: { account: 'ACCOUNT', region: 'REGION' },
});
"""


class Package(Cloud, unittest.TestCase):
    def test_a_project_of_its_own_deploys_it(self):
        with self.account():
            project = self.make_project()
            self.npm("run", "--silent", "build", cwd=project)
            self.cdk("synth", "--quiet", "--app", "node app.js", "--output", str(self.folder / "out"), cwd=project)
            self.deploy()
            found = self.client("lambda").get_function(FunctionName=FUNCTION)["Configuration"]
            self.assertEqual(found["Environment"]["Variables"], {"ORDERS_ADDR": "orders.internal:50051"})
            alias = self.client("lambda").get_alias(FunctionName=FUNCTION, Name="live")
            self.assertEqual(alias["FunctionVersion"], "$LATEST")

    def make_project(self):
        project = self.folder / "orders"
        project.mkdir()
        packed = json.loads(self.npm("pack", "--silent", "--json", "--pack-destination", str(project), cwd=CDK))[0]
        paths = {file["path"] for file in packed["files"]}
        self.assertIn("dist/src/index.d.ts", paths)
        self.assertEqual([path for path in paths if "test" in path or path.startswith("src/")], [])

        self.write_config(memory_mb=512)
        (project / "lamex.yaml").write_text(pathlib.Path(self.project.config).read_text())
        app = APP
        for name, value in {"FUNCTION": FUNCTION, "ACCOUNT": aws.ACCOUNT, "REGION": aws.REGION, "GROUP": self.orders}.items():
            app = app.replace(name, value)
        (project / "app.ts").write_text(app)
        own = json.loads((CDK / "package.json").read_text())["devDependencies"]
        options = {"target": "es2022", "module": "node20", "types": ["node"], "strict": True, "skipLibCheck": False}
        (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["app.ts"]}))
        # Its own versions of the CDK, of which lamex must bring no second one.
        (project / "package.json").write_text(json.dumps({
            "name": "orders-infrastructure",
            "private": True,
            "scripts": {"build": "tsc"},
            "dependencies": {
                "lamex-cdk": f"file:{packed['filename']}",
                **{name: own[name] for name in ("aws-cdk-lib", "constructs", "typescript", "@types/node")},
            },
        }))
        self.npm("install", "--silent", "--no-audit", "--no-fund", "--strict-peer-deps", cwd=project)
        libraries = [path for path in project.rglob("package.json") if path.parent.name in ("aws-cdk-lib", "constructs")]
        own_libraries = [path for path in libraries if json.loads(path.read_text()).get("name") == path.parent.name]
        self.assertEqual(len(own_libraries), 2, own_libraries)
        return project

    def npm(self, *arguments, cwd):
        ran = subprocess.run(["npm", *arguments], cwd=cwd, text=True, capture_output=True)
        self.assertEqual(ran.returncode, 0, f"npm {' '.join(arguments)}\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout


if __name__ == "__main__":
    unittest.main()
