//! What the tests are written in: a World that speaks the domain, on real parts.

pub mod backend;
pub mod broker;
pub mod callback;
pub mod client;
pub mod client_file;
pub mod clock;
pub mod database;
pub mod instance;
pub mod orders;
pub mod program;
pub mod proxy;
pub mod shop;
pub mod signing;
pub mod wire_tap;
pub mod witness;
pub mod world;

/// Writes each test twice, once on SQLite and once on PostgreSQL.
///
/// ```text
/// on_both_databases! {
///     async fn a_card_payment_is_followed_to_its_end(world) {
///         let payment = world.starts_payment().await;
///     }
/// }
/// ```
///
/// `with Wish { … };` before the tests changes the world of all of them.
#[macro_export]
macro_rules! on_both_databases {
    (with $wish:expr; $($tests:tt)+) => {
        fn wish() -> $crate::support::world::Wish {
            $wish
        }
        $crate::on_both_databases! { @made wish; $($tests)+ }
    };
    (@made $wish:ident; $($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                async fn told(
                    $world: &$crate::support::world::World,
                ) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn on_sqlite() {
                    let database = $crate::support::database::Database::sqlite();
                    let world = $crate::support::world::World::with(database, $wish()).await;
                    told(&world).await;
                    world.ends().await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn on_postgresql() {
                    let database = $crate::support::database::Database::postgres().await;
                    let world = $crate::support::world::World::with(database, $wish()).await;
                    told(&world).await;
                    world.ends().await;
                }
            }
        )+
    };
    ($($tests:tt)+) => {
        $crate::on_both_databases! { with $crate::support::world::Wish::default(); $($tests)+ }
    };
}
