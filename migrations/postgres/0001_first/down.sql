-- The database before the first table. Everything in it is lost.
ALTER TABLE payments DROP CONSTRAINT payments_agreement_exists;
DROP TABLE leases;
DROP TABLE events;
DROP TABLE hints;
DROP TABLE idempotency_keys;
DROP TABLE operations;
DROP TABLE agreements;
DROP TABLE payments;
DROP TABLE coupons;
DROP TABLE accounts;
DROP TABLE signing_keys;
DROP TABLE clients;
DROP TABLE meta;
