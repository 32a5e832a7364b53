//! Migrations, readiness, and databases that are not there.

use std::time::{Duration, Instant};

use super::on_both_databases;
use super::world::{World, open};
use crate::ports::StoreError;
use crate::store::{MasterKey, Store, StoreOptions};

on_both_databases! {
    async fn migrations_may_race(world: World) {
        world.sql("DROP TABLE __diesel_schema_migrations").await;
        world.sql("DROP TABLE profiles; DROP TABLE webhook_registrations").await;
        world.sql("DROP TABLE order_callbacks; DROP TABLE orders; DROP TABLE order_sets").await;
        world.sql("DROP TABLE token_keys; DROP TABLE oauth_secrets").await;
        world.sql("DROP TABLE leases; DROP TABLE events").await;
        world.sql("DROP TABLE hints; DROP TABLE idempotency_keys; DROP TABLE operations").await;
        if world.is_postgres() {
            world.sql("DROP TABLE payments, agreements").await;
        } else {
            world.sql("PRAGMA foreign_keys = OFF; DROP TABLE agreements").await;
            world.sql("PRAGMA foreign_keys = OFF; DROP TABLE payments").await;
        }
        world.sql("DROP TABLE coupons; DROP TABLE accounts; DROP TABLE signing_keys").await;
        world.sql("DROP TABLE clients; DROP TABLE meta").await;
        assert_eq!(world.store.is_migrated().await, Ok(false));

        let racers = (0..4).map(|_| {
            let url = world.url.clone();
            tokio::spawn(async move { Store::migrate(&url).await })
        });
        for racer in futures_util::future::join_all(racers).await {
            assert_eq!(racer.unwrap(), Ok(()));
        }
        assert_eq!(world.store.is_migrated().await, Ok(true));
        world.client("no.example").await;
    }

    async fn a_database_that_is_there_answers(world: World) {
        assert_eq!(world.store.ping().await, Ok(()));
        assert_eq!(world.store.is_migrated().await, Ok(true));
        assert_eq!(Store::migrate(&world.url).await, Ok(()));
    }
}

#[test]
fn connections_that_the_server_has_cut_are_replaced() {
    World::on_postgres(|world| async move {
        let shop = world.client("no.example").await;
        for at in 0..5 {
            world.begun(&shop, &format!("order-{at}")).await;
            world
                .sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()",
                )
                .await;
        }
        world.begun(&shop, "order-last").await;
        assert_eq!(world.store.ping().await, Ok(()));
    });
}

#[test]
fn a_database_that_is_not_there_is_unavailable_within_the_limit() {
    World::on_sqlite(|_| async move {
        // A port where nobody listens: taken and given back.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        for url in [
            format!("postgres://nobody@{address}/nothing"),
            "sqlite:///no/such/folder/file.sqlite".to_owned(),
        ] {
            let started = Instant::now();
            let refused = open(&url, 1).ping().await;
            assert!(
                matches!(refused, Err(StoreError::Unavailable(_))),
                "{refused:?}"
            );
            let refused = Store::migrate(&url).await;
            assert!(
                matches!(refused, Err(StoreError::Unavailable(_))),
                "{refused:?}"
            );
            assert!(started.elapsed() < Duration::from_secs(5), "{url}");
        }
    });
}

#[test]
fn a_server_that_never_answers_is_unavailable_within_the_limit() {
    World::on_sqlite(|_| async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!(
            "postgres://nobody@{}/nothing",
            listener.local_addr().unwrap()
        );
        let started = Instant::now();
        let refused = open(&url, 1).ping().await;
        assert!(
            matches!(refused, Err(StoreError::Unavailable(_))),
            "{refused:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn a_url_that_cannot_be_obeyed_is_refused_and_not_quoted() {
    World::on_sqlite(|_| async move {
        for url in [
            "",
            "mysql://user:secret@host/name",
            "postgres://user:secret@host:port/name",
            "postgres://user:secret@host/name?sslmode=require",
            "postgres://user:secret@host/name?sslmode=verify-full",
            "postgres://user:secret@host/name?sslmode=other",
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://file?secret=1",
        ] {
            let options = StoreOptions {
                master_key: MasterKey::from_bytes(&[1; 32]).unwrap(),
                pool_size: 1,
            };
            let refusals = [
                Store::open(url, options).err(),
                Store::migrate(url).await.err(),
            ];
            for refused in refusals {
                let Some(StoreError::Broken(why)) = refused else {
                    panic!("{url}: {refused:?}");
                };
                assert!(!why.contains("secret"), "{why}");
            }
        }
    });
}
