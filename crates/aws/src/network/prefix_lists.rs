//! Prefix lists, of the customer's and of AWS's own services.

use std::collections::BTreeMap;

use ipnet::IpNet;
use lamex_network::model::{PrefixList, Seen};

use super::values::{SMALL_PAGE, range};
use super::{Filter, NetworkClient};
use crate::{concurrent, error};

/// Those of these ids that exist, by id. The ranges may come from either of two calls; the name of a list is its
/// id where that is not shown.
pub async fn prefix_lists(client: &NetworkClient, ids: &[String]) -> BTreeMap<String, PrefixList> {
    let filter = Filter::prefix_list_ids(ids.to_vec());
    let (names, of_services, entries) = tokio::join!(
        names(client, &filter),
        of_services(client, &filter),
        concurrent::all(ids.iter().map(|id| entries(client, id)))
    );
    let mut lists = BTreeMap::new();
    for (id, entries) in ids.iter().zip(entries) {
        let of_service = of_services.get(id);
        let is_listed = names.as_ref().is_none_or(|names| names.contains_key(id));
        if !is_listed && of_service.is_none() {
            continue;
        }
        let ranges = match (entries, of_service) {
            (Ok(Some(ranges)), _) => Ok(ranges),
            (_, Some((_, ranges))) => Ok(ranges.clone()),
            (Err(unseen), None) => Err(unseen),
            (Ok(None), None) => continue,
        };
        let name = names
            .as_ref()
            .and_then(|names| names.get(id))
            .or(of_service.map(|(name, _)| name))
            .unwrap_or(id)
            .clone();
        lists.insert(id.clone(), PrefixList { id: id.clone(), name, ranges });
    }
    lists
}

/// `None` if they are not shown.
async fn names(client: &NetworkClient, filter: &Filter) -> Option<BTreeMap<String, String>> {
    let request = client.ec2.describe_managed_prefix_lists().filters(filter.for_ec2());
    let pages = request.into_paginator().page_size(SMALL_PAGE).items().send();
    let lists: Result<Vec<_>, _> = pages.collect().await;
    let lists = lists.ok()?.into_iter();
    Some(lists.filter_map(|list| Some((list.prefix_list_id?, list.prefix_list_name?))).collect())
}

/// Names and ranges of the services that have gateway endpoints, as far as they are shown.
async fn of_services(client: &NetworkClient, filter: &Filter) -> BTreeMap<String, (String, Vec<IpNet>)> {
    let request = client.ec2.describe_prefix_lists().filters(filter.for_ec2());
    let pages = request.into_paginator().page_size(SMALL_PAGE).items().send();
    let lists: Result<Vec<_>, _> = pages.collect().await;
    let lists = lists.unwrap_or_default().into_iter();
    lists
        .filter_map(|list| {
            let ranges = list.cidrs().iter().filter_map(|text| range(Some(text))).collect();
            Some((list.prefix_list_id?, (list.prefix_list_name?, ranges)))
        })
        .collect()
}

/// `None` if there is no such list.
async fn entries(client: &NetworkClient, id: &str) -> Seen<Option<Vec<IpNet>>> {
    let request = client.ec2.get_managed_prefix_list_entries().prefix_list_id(id);
    let entries: Result<Vec<_>, _> =
        request.into_paginator().page_size(SMALL_PAGE).items().send().collect().await;
    match entries {
        Ok(entries) => Ok(Some(entries.iter().filter_map(|entry| range(entry.cidr())).collect())),
        Err(error) if error::code(&error).starts_with("InvalidPrefixListI") => Ok(None),
        Err(error) => Err(error::unseen("ec2:GetManagedPrefixListEntries", &error)),
    }
}
