//! What `role.statements` promises the tests, as far as IAM can simulate it.

use lamex_config::{Effect, Statement};

/// How many pairs of an action and a resource are asked about: each is a call.
const LIMIT: usize = 64;

/// What is asked about, and how much is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Promises {
    /// Actions with their resources.
    pub pairs: Vec<(String, String)>,
    /// Why some are left out.
    pub left_out: Vec<&'static str>,
}

/// Every action with every resource of the statements that allow something.
pub fn promised(statements: &[Statement]) -> Promises {
    let mut promises = Promises::default();
    for statement in statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        if !statement.conditions.is_empty() {
            promises.leave_out("statements with conditions");
            continue;
        }
        for action in &statement.actions {
            if action.contains(['*', '?']) {
                promises.leave_out("actions with wildcards");
                continue;
            }
            for resource in &statement.resources {
                let pair = (action.clone(), resource.clone());
                if promises.pairs.contains(&pair) {
                    continue;
                }
                if promises.pairs.len() == LIMIT {
                    promises.leave_out("what comes after the first 64");
                } else {
                    promises.pairs.push(pair);
                }
            }
        }
    }
    promises
}

impl Promises {
    fn leave_out(&mut self, what: &'static str) {
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(actions: &[&str], resources: &[String]) -> Statement {
        let actions = actions.iter().map(|action| (*action).to_owned()).collect();
        let (effect, conditions) = (Effect::Allow, Default::default());
        Statement { effect, actions, resources: resources.to_vec(), conditions }
    }

    #[test]
    fn each_action_is_asked_about_on_each_resource() {
        let buckets = ["arn:aws:s3:::a/*".to_owned(), "arn:aws:s3:::b/*".to_owned()];
        let mut denied = allow(&["s3:DeleteObject"], &buckets);
        denied.effect = Effect::Deny;
        let mut conditional = allow(&["s3:PutObject"], &buckets);
        conditional.conditions.insert("StringEquals".to_owned(), Default::default());
        let found = promised(&[allow(&["s3:GetObject", "s3:List*"], &buckets), denied, conditional]);
        assert_eq!(found.pairs, buckets.map(|bucket| ("s3:GetObject".to_owned(), bucket)));
        assert_eq!(found.left_out, ["actions with wildcards", "statements with conditions"]);
    }

    #[test]
    fn no_more_than_the_limit_is_asked_about() {
        let resources: Vec<String> = (0..LIMIT + 1).map(|index| format!("arn:aws:s3:::{index}")).collect();
        let found = promised(&[allow(&["s3:ListBucket"], &resources)]);
        assert_eq!((found.pairs.len(), found.left_out.len()), (LIMIT, 1));
    }
}
