//! The store, tried on both databases: real files and a real server, never a stand-in.
//!
//! Each test has a database of its own. For `PostgreSQL` it is made on the server of
//! `TEST_DATABASE_URL`, else `DATABASE_URL`, else the local one; without a server the tests fail.

mod after_payment;
mod begin;
mod clients;
mod constraints;
mod events;
mod inquiries;
mod round_trip;
mod save;
mod schema;
mod world;

/// Makes a test of each async function, once for each database.
macro_rules! on_both_databases {
    ($(async fn $name:ident($world:ident: World) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($world: World) $body

            #[test]
            fn on_sqlite() {
                World::on_sqlite(test);
            }

            #[test]
            fn on_postgres() {
                World::on_postgres(test);
            }
        }
    )+};
}
use on_both_databases;
