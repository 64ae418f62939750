"""Terraform and CDK build the same of the same lamex.yaml, and refuse the same. `make test-parity` runs it."""

import unittest

import cdk_kit
from cases import CASES, REFUSALS
from compare import ACCEPTED, differences
from terraform_kit import Terraform


class Parity(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.terraform = Terraform(CASES, [case for case, _ in REFUSALS])

    def test_the_same_of_the_same(self):
        found = []
        for case in CASES:
            terraform, cdk = self.terraform.read(case), cdk_kit.read(case)
            # A reader that sees little would find little.
            self.assertGreater(len(terraform), 1 if case.is_account else 30, case.name)
            found += differences(case.name, terraform, cdk)
        unexplained = [str(one) for one in found if not any(accepted.explains(one) for accepted in ACCEPTED)]
        self.assertEqual([], unexplained, "\n" + "\n".join(unexplained))
        gone = [accepted for accepted in ACCEPTED if not any(accepted.explains(one) for one in found)]
        self.assertEqual([], gone, "they are no more: take them off the list, and out of docs/provisioning.md")

    def test_refused_by_both(self):
        for case, words in REFUSALS:
            with self.subTest(case.name):
                for kit, refusal in [("Terraform", self.terraform.refusal(case)), ("CDK", cdk_kit.refusal(case))]:
                    self.assertIsNotNone(refusal, f"{kit} takes it")
                    self.assertRegex(" ".join(refusal.split()), words, kit)


if __name__ == "__main__":
    unittest.main()
