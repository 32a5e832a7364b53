//! Which problems a call may answer, for the OpenAPI document: sets that several calls share.

use std::collections::BTreeMap;

use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{IntoResponses, ToSchema as _};

use super::problem::{PROBLEM_JSON, ProblemBody};

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: $($status:literal),+;)+) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    [$($status),+].map(|status: u16| (status.to_string(), problem())).into()
                }
            }
        )+
    };
}

problems! {
    /// Of what moves money.
    AskProblems: 400, 401, 404, 409, 413, 422, 429, 502, 503, 504;
    /// Of lists.
    ListProblems: 400, 401, 429;
    /// Of reading one thing.
    ReadProblems: 401, 404, 429;
    /// Of what a page asks about its payment.
    PageProblems: 404, 429;
}

fn problem() -> RefOr<Response> {
    let body = Ref::from_schema_name(ProblemBody::name());
    let response = Response::builder().content(PROBLEM_JSON, Content::new(Some(body)));
    RefOr::T(response.build())
}
