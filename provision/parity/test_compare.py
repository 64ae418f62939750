"""The comparison itself: nothing is passed over, and what differs is named with both values."""

import unittest

from compare import ACCEPTED, differences
from settings import Kit, Properties, flat, insert, policy


class Compare(unittest.TestCase):
    def said(self, terraform, cdk):
        return [str(one) for one in differences("case", flat(terraform), flat(cdk))]

    def test_values_and_what_one_kit_alone_has(self):
        self.assertEqual(
            self.said(
                {"function": {"memory": 1, "dual stack": False}},
                {"function": {"memory": 2}, "alias": {"name": ""}},
            ),
            [
                'case: alias / name: Terraform has nothing, CDK has ""',
                "case: function / dual stack: Terraform has false, CDK has nothing",
                "case: function / memory: Terraform has 1, CDK has 2",
            ],
        )

    def test_lists_by_what_is_more(self):
        self.assertEqual(
            self.said({"actions": ["a", "b"]}, {"actions": ["b"]}),
            ['case: actions: Terraform has ["a"] that the other has not, CDK has [] that the other has not'],
        )
        self.assertEqual(self.said({"a": ["b", "b"]}, {"a": ["b"]}), ['case: a: Terraform has ["b", "b"], CDK has ["b"]'])

    def test_what_says_nothing_in_either_spelling_is_the_same(self):
        self.assertEqual(self.said({"a": None, "b": [], "c": {}}, {"d": {"e": None}}), [])

    def test_a_number_is_no_text(self):
        self.assertEqual(len(self.said({"a": 1}, {"a": "1"})), 1)

    def test_one_or_a_list_of_one_in_any_order(self):
        statement = {"Effect": "Allow", "Action": "a", "Resource": ["y", "x"]}
        spelled = {"Effect": "Allow", "Action": ["a"], "Resource": ["x", "y"]}
        one, other = {"Version": "v", "Statement": statement}, {"Version": "v", "Statement": [spelled]}
        self.assertEqual(policy(one), policy(other))

    def test_a_property_that_nobody_reads_is_no_secret(self):
        properties = Properties("a function", {"Name": "f", "Layers": ["arn"], "Empty": []})
        properties.take("Name")
        with self.assertRaisesRegex(Kit, "a function has Layers, which nothing here compares"):
            properties.done()

    def test_a_second_resource_of_one_name_is_no_secret(self):
        tree = {"alias live": {}}
        with self.assertRaisesRegex(Kit, "two of alias live"):
            insert(tree, "alias live", {})

    def test_what_is_accepted_is_no_more_than_that(self):
        none_out = "security group, a / egress / icmp 252-86 255.255.255.255/32 / description"
        (as_it_is,) = differences("case", {}, {none_out: "Disallow all traffic"})
        (otherwise,) = differences("case", {}, {none_out.replace("icmp 252-86", "tcp 443"): "Disallow all traffic"})
        self.assertTrue(any(accepted.explains(as_it_is) for accepted in ACCEPTED))
        self.assertFalse(any(accepted.explains(otherwise) for accepted in ACCEPTED))


if __name__ == "__main__":
    unittest.main()
