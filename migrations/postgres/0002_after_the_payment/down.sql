-- The database without orders and the client API. What they held is lost.
DROP TABLE order_callbacks;
DROP TABLE orders;
DROP TABLE order_sets;
DROP TABLE token_keys;
DROP TABLE oauth_secrets;
ALTER TABLE coupons DROP COLUMN valid_from, DROP COLUMN valid_until;
ALTER TABLE agreements DROP COLUMN version, DROP COLUMN event_sequence, DROP COLUMN stopped_at;
DROP INDEX idempotency_keys_of_payment;
DELETE FROM idempotency_keys WHERE operation_id IS NOT NULL;
ALTER TABLE idempotency_keys DROP COLUMN operation_id;
CREATE UNIQUE INDEX idempotency_keys_payment_unique ON idempotency_keys (mcpay_ref);
DROP INDEX operations_due;
ALTER TABLE operations
    DROP COLUMN vat_minor, DROP COLUMN order_id, DROP COLUMN due_at, DROP COLUMN tries;
DROP INDEX payments_charges_of;
DROP INDEX payments_of_client;
DROP INDEX payments_to_release;
ALTER TABLE payments
    DROP COLUMN capture, DROP COLUMN claim_within_milliseconds, DROP COLUMN charge_of,
    DROP COLUMN capture_reserved_minor, DROP COLUMN refund_reserved_minor,
    DROP COLUMN capture_refusals, DROP COLUMN claimed, DROP COLUMN release_at;
