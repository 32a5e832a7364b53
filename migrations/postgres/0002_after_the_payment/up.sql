-- What happens after the payment: captures, refunds and charges that are followed to their end,
-- orders, their fulfilment, and the access of merchant backends.

-- The terms of its client that a payment began with, and keeps.
ALTER TABLE payments
    ADD COLUMN capture TEXT NOT NULL DEFAULT 'on_order'
        CONSTRAINT payments_capture_known CHECK (capture IN ('on_order', 'immediate', 'manual')),
    ADD COLUMN claim_within_milliseconds BIGINT NOT NULL DEFAULT 86400000,
    -- The agreement that it is a charge of.
    ADD COLUMN charge_of TEXT REFERENCES agreements (id),
    -- Sums of our own captures and refunds that have not failed: what may no longer be asked for.
    ADD COLUMN capture_reserved_minor BIGINT NOT NULL DEFAULT 0
        CONSTRAINT payments_capture_reserved_within_authorized
        CHECK (capture_reserved_minor = 0
            OR capture_reserved_minor > 0 AND capture_reserved_minor <= authorized_minor),
    -- Two refunds that race for the same money meet here.
    ADD COLUMN refund_reserved_minor BIGINT NOT NULL DEFAULT 0
        CONSTRAINT payments_refund_reserved_within_captured
        CHECK (refund_reserved_minor = 0
            OR refund_reserved_minor > 0 AND refund_reserved_minor <= captured_minor),
    -- How often the provider refused a capture that the service makes by itself.
    ADD COLUMN capture_refusals INTEGER NOT NULL DEFAULT 0,
    -- Whether an order stands for it.
    ADD COLUMN claimed BOOLEAN NOT NULL DEFAULT FALSE,
    -- When it is released, if no order claims it.
    ADD COLUMN release_at TIMESTAMP;

CREATE INDEX payments_to_release ON payments (release_at) WHERE release_at IS NOT NULL;
CREATE INDEX payments_of_client ON payments (client_code, created_at, mcpay_ref);
CREATE INDEX payments_charges_of ON payments (charge_of) WHERE charge_of IS NOT NULL;

ALTER TABLE operations
    ADD COLUMN vat_minor BIGINT,
    -- The order that a refund is for, where a payment pays for several.
    ADD COLUMN order_id BIGINT,
    -- When somebody looks after it: a crashed owner's operation is carried on, an unknown outcome
    -- is found out, a charge waits for its day. NULL when nobody has to.
    ADD COLUMN due_at TIMESTAMP,
    ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;

CREATE INDEX operations_due ON operations (due_at) WHERE due_at IS NOT NULL;

-- A key belongs to its route as before; several keys may now be about one payment. The operation
-- tells the answer when the key's owner died.
ALTER TABLE idempotency_keys ADD COLUMN operation_id TEXT;
DROP INDEX idempotency_keys_payment_unique;
CREATE INDEX idempotency_keys_of_payment ON idempotency_keys (mcpay_ref);

ALTER TABLE agreements
    ADD COLUMN version BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN event_sequence BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN stopped_at TIMESTAMP;
-- An active agreement has told its activation.
UPDATE agreements SET event_sequence = 1 WHERE status = 'active';

-- Secrets of the client API. Only a keyed hash is kept; a token names the generation of its secret
-- and dies with it.
CREATE TABLE oauth_secrets (
    client_code TEXT NOT NULL REFERENCES clients (code),
    generation BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP,
    PRIMARY KEY (client_code, generation),
    CONSTRAINT oauth_secrets_generation_positive CHECK (generation > 0)
);

-- Keys that access tokens are signed with; the newest signs. The material is sealed.
CREATE TABLE token_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    material BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL
);

ALTER TABLE coupons
    ADD COLUMN valid_from TIMESTAMP,
    ADD COLUMN valid_until TIMESTAMP;

-- Orders that are paid together, by one payment at a time.
CREATE TABLE order_sets (
    id TEXT NOT NULL PRIMARY KEY,
    client_code TEXT NOT NULL REFERENCES clients (code),
    mcpay_ref TEXT REFERENCES payments (mcpay_ref),
    status TEXT NOT NULL,
    -- Where the browser of the fulfilment goes in the end.
    return_url TEXT,
    -- The version of the payment that the orders were last brought in line with.
    seen_version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT order_sets_status_known CHECK (status IN ('open', 'settled', 'dissolved'))
);

-- A payment pays for one set of orders only: this is what stops a second order for it.
CREATE UNIQUE INDEX order_sets_payment_unique
    ON order_sets (mcpay_ref) WHERE mcpay_ref IS NOT NULL AND status <> 'dissolved';
CREATE INDEX order_sets_open ON order_sets (status) WHERE status = 'open';

-- The body holds names and addresses: it is sealed.
CREATE TABLE orders (
    order_id BIGINT NOT NULL PRIMARY KEY,
    client_code TEXT NOT NULL REFERENCES clients (code),
    external_order_id TEXT,
    body_hash BYTEA NOT NULL,
    body BYTEA NOT NULL,
    payment_method TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    vat_minor BIGINT NOT NULL,
    coupon_code TEXT,
    coupon_number BIGINT,
    recurring BOOLEAN NOT NULL,
    prepaid BOOLEAN NOT NULL,
    -- The set it stands in; in one at most.
    set_id TEXT REFERENCES order_sets (id),
    status TEXT NOT NULL,
    -- Sum of the refunds for this order that have not failed.
    refund_reserved_minor BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL,
    event_sequence BIGINT NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    CONSTRAINT orders_id_fits_53_bits CHECK (order_id > 0 AND order_id < 9007199254740992),
    CONSTRAINT orders_external_order_id_unique UNIQUE (client_code, external_order_id),
    CONSTRAINT orders_currency_has_three_letters CHECK (length(currency) = 3),
    CONSTRAINT orders_amount_not_negative
        CHECK (amount_minor >= 0 AND vat_minor >= 0 AND vat_minor <= amount_minor),
    CONSTRAINT orders_refunds_within_amount
        CHECK (refund_reserved_minor >= 0 AND refund_reserved_minor <= amount_minor),
    CONSTRAINT orders_coupon_complete CHECK ((coupon_code IS NULL) = (coupon_number IS NULL)),
    CONSTRAINT orders_status_known
        CHECK (status IN ('preliminary', 'fulfilled', 'failed', 'cancelled'))
);

CREATE INDEX orders_of_set ON orders (set_id) WHERE set_id IS NOT NULL;

-- Calls that tell a merchant how an order ended that was completed without a browser.
CREATE TABLE order_callbacks (
    order_id BIGINT NOT NULL PRIMARY KEY REFERENCES orders (order_id),
    url TEXT NOT NULL,
    due_at TIMESTAMP,
    tries INTEGER NOT NULL,
    delivered_at TIMESTAMP
);

CREATE INDEX order_callbacks_due ON order_callbacks (due_at) WHERE due_at IS NOT NULL;
