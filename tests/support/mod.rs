//! What the tests are written in: a World that speaks the domain, on real parts.

pub mod broker;
pub mod client;
pub mod clock;
pub mod database;
pub mod instance;
pub mod program;
pub mod proxy;
pub mod shop;
pub mod witness;
pub mod world;

/// Writes each test twice, once on SQLite and once on PostgreSQL.
///
/// ```ignore
/// on_both_databases! {
///     async fn a_card_payment_is_followed_to_its_end(world) {
///         let payment = world.starts_payment().await;
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {
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
                    let world = $crate::support::world::World::on_sqlite().await;
                    told(&world).await;
                    world.ends().await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn on_postgresql() {
                    let world = $crate::support::world::World::on_postgresql().await;
                    told(&world).await;
                    world.ends().await;
                }
            }
        )+
    };
}
