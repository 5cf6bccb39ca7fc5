//! The fairness and efficiency notions that the checker decides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A property of allocations, under the name that verdicts and promises use.
///
/// Below, `v_ab` is the value that agent `a` puts on the bundle of `b`, and "envies" means `v_aa < v_ab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Notion {
    /// `EF`: nobody envies anybody.
    #[serde(rename = "EF")]
    Ef,
    /// `EF1`: envy ends when *some* item is removed, from the envied bundle or from one's own (Aziz, Caragiannis, Igarashi, Walsh 2022).
    #[serde(rename = "EF1")]
    Ef1,
    /// `EFX`: envy ends when *any* item that one values negatively is removed from one's own bundle, and when any item that one values positively is
    /// removed from the envied bundle (Aziz et al. 2022; Aleksandrov and Walsh 2020).
    #[serde(rename = "EFX")]
    Efx,
    /// `EFX_0`: as EFX, but items that one values at zero count on both sides (Aleksandrov and Walsh 2020).
    #[serde(rename = "EFX_0")]
    Efx0,
    /// `EFX_0-envied-side`: as EFX, but items that one values at zero count in the envied bundle (Livanos, Mehta, Murhekar 2022).
    #[serde(rename = "EFX_0-envied-side")]
    Efx0EnviedSide,
    /// `EF1^3`: EF1 for all items, for only those that one values positively, and for only those that one values negatively (Aleksandrov and Walsh 2020).
    #[serde(rename = "EF1^3")]
    Ef1Three,
    /// `EFX^3`: EFX in the same three ways (Aleksandrov and Walsh 2020).
    #[serde(rename = "EFX^3")]
    EfxThree,
    /// `PROP`: `n v_aa >= u_a(all items)`.
    #[serde(rename = "PROP")]
    Prop,
    /// `PROP1`: PROP after receiving one item from outside or dropping one own item.
    #[serde(rename = "PROP1")]
    Prop1,
    /// `PROP1-strict`: PROP, or strictly more than the proportional share after that one change (Feige; Garg and Sharma 2025).
    #[serde(rename = "PROP1-strict")]
    Prop1Strict,
    /// `PROPm`: PROP, or PROP after dropping any own item of negative value and after receiving the best of the other bundles' least positive items.
    #[serde(rename = "PROPm")]
    PropM,
    /// `PROPx`: PROP, or PROP after dropping any own item of negative value and after receiving any outside item of positive value.
    #[serde(rename = "PROPx")]
    PropX,
    /// `MMS`: every agent has at least what it could make sure of by dividing into `n` bundles and getting the worst (Budish 2011).
    #[serde(rename = "MMS")]
    Mms,
    /// `PO`: no other allocation is at least as good for all and better for one.
    #[serde(rename = "PO")]
    Po,
    /// `fPO`: not even one that shares items in fractions.
    #[serde(rename = "fPO")]
    Fpo,
    /// `WEF`: `v_aa / w_a >= v_ab / w_b` with entitlements `w`.
    #[serde(rename = "WEF")]
    Wef,
    /// `WEF1`: WEF after one item is removed, from the other's bundle or from one's own (Chakraborty et al. 2021).
    #[serde(rename = "WEF1")]
    Wef1,
    /// `WPROP`: `v_aa >= w_a / W u_a(all items)` with entitlements `w` of sum `W`.
    #[serde(rename = "WPROP")]
    Wprop,
}

impl Notion {
    /// All notions, in the order of verdicts.
    pub const ALL: [Self; 18] = [
        Self::Ef,
        Self::Ef1,
        Self::Efx,
        Self::Efx0,
        Self::Efx0EnviedSide,
        Self::Ef1Three,
        Self::EfxThree,
        Self::Prop,
        Self::Prop1,
        Self::Prop1Strict,
        Self::PropM,
        Self::PropX,
        Self::Mms,
        Self::Po,
        Self::Fpo,
        Self::Wef,
        Self::Wef1,
        Self::Wprop,
    ];

    /// The name in verdicts and promises.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ef => "EF",
            Self::Ef1 => "EF1",
            Self::Efx => "EFX",
            Self::Efx0 => "EFX_0",
            Self::Efx0EnviedSide => "EFX_0-envied-side",
            Self::Ef1Three => "EF1^3",
            Self::EfxThree => "EFX^3",
            Self::Prop => "PROP",
            Self::Prop1 => "PROP1",
            Self::Prop1Strict => "PROP1-strict",
            Self::PropM => "PROPm",
            Self::PropX => "PROPx",
            Self::Mms => "MMS",
            Self::Po => "PO",
            Self::Fpo => "fPO",
            Self::Wef => "WEF",
            Self::Wef1 => "WEF1",
            Self::Wprop => "WPROP",
        }
    }

    /// Whether the notion compares each agent's bundle with one other bundle or with the share, which the checker decides in one pass.
    pub fn is_per_agent(self) -> bool {
        !matches!(self, Self::Mms | Self::Po | Self::Fpo)
    }

    /// Whether the notion speaks of entitlements.
    pub fn is_weighted(self) -> bool {
        matches!(self, Self::Wef | Self::Wef1 | Self::Wprop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_verdicts_use_the_same_names() {
        for notion in Notion::ALL {
            assert_eq!(serde_json::to_value(notion).unwrap(), notion.name());
        }
    }
}
