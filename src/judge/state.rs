//! How each component came back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::protocol::{ComponentDigest, Components, Phase};

use super::{Case, Finding, FindingKind, Lineage};

/// How one component came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentState {
    /// As it was when the checkpoint was written.
    Restored,
    /// As in a fresh process: never restored.
    Cold,
    /// As at an earlier epoch.
    Stale,
    /// Anything else.
    Wrong,
    /// The trainer did not report it.
    NotObserved,
}

/// The verdict on one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentVerdict {
    /// The component's name.
    pub name: String,
    /// How it came back.
    pub state: ComponentState,
    /// The epoch that a stale component is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_epoch: Option<u64>,
    /// The parts that are not what was saved.
    pub parts: Vec<String>,
}

/// Compares what the resumed run started with against what was in memory when its checkpoint was
/// written.
pub(super) fn compare(case: Case<'_>, lineage: &Lineage<'_>) -> Vec<ComponentVerdict> {
    let announced = case.control.hello().map_or(&[][..], |hello| &hello.components);
    let missing = case.required.iter().filter(|name| !announced.contains(name));
    announced.iter().chain(missing).map(|name| compare_one(name, case, lineage)).collect()
}

fn compare_one(name: &str, case: Case<'_>, lineage: &Lineage<'_>) -> ComponentVerdict {
    let verdict = |state, stale_epoch, parts| ComponentVerdict {
        name: name.to_owned(),
        state,
        stale_epoch,
        parts,
    };
    let found = lineage.started.and_then(|started| started.components.get(name));
    let saved = lineage.checkpoint.and_then(|checkpoint| checkpoint.components.get(name));
    let fresh = case.control.fresh_state().and_then(|components| components.get(name));
    let (Some(found), Some(saved)) = (found, saved) else {
        let cold = found.is_some() && lineage.checkpoint.is_none() && same(found, fresh);
        let state = if cold { ComponentState::Cold } else { ComponentState::NotObserved };
        return verdict(state, None, Vec::new());
    };
    if found.digest == saved.digest {
        return verdict(ComponentState::Restored, None, Vec::new());
    }
    let parts = differing_parts(found, saved);
    if same(Some(found), fresh) {
        return verdict(ComponentState::Cold, None, parts);
    }
    match epoch_of(name, found, case, lineage.step()) {
        Some(epoch) => verdict(ComponentState::Stale, Some(epoch), parts),
        None => verdict(ComponentState::Wrong, None, parts),
    }
}

fn same(a: Option<&ComponentDigest>, b: Option<&ComponentDigest>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.digest == b.digest)
}

/// The latest earlier epoch at which this run, or the control, had the component in this state.
fn epoch_of(name: &str, found: &ComponentDigest, case: Case<'_>, before: u64) -> Option<u64> {
    let earlier = |saves: &Components| saves.get(name).is_some_and(|c| c.digest == found.digest);
    case.control
        .checkpoints()
        .chain(case.interrupted.checkpoints())
        .filter(|save| {
            save.phase == Phase::Begin && save.step < before && earlier(&save.components)
        })
        .map(|save| save.epoch)
        .max()
}

fn differing_parts(found: &ComponentDigest, saved: &ComponentDigest) -> Vec<String> {
    let mut names: Vec<&String> = found.parts.keys().chain(saved.parts.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter(|part| found.parts.get(*part) != saved.parts.get(*part))
        .cloned()
        .collect()
}

/// One finding for each component that did not come back.
pub(super) fn findings(components: &[ComponentVerdict], required: &[String]) -> Vec<Finding> {
    components
        .iter()
        .filter_map(|component| {
            let kind = match component.state {
                ComponentState::Restored => return None,
                ComponentState::Cold => FindingKind::Cold,
                ComponentState::Stale => {
                    FindingKind::Stale { epoch: component.stale_epoch.unwrap_or_default() }
                }
                ComponentState::Wrong => FindingKind::Wrong { parts: component.parts.clone() },
                ComponentState::NotObserved if required.contains(&component.name) => {
                    FindingKind::NotObserved
                }
                ComponentState::NotObserved => return None,
            };
            Some(Finding::cause(Some(&component.name), kind))
        })
        .collect()
}
