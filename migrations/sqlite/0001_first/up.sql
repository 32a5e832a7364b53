-- The tables of the service.
--
-- Money is counted in minor units of the row's currency. Times are UTC without a zone, cut to
-- microseconds, in a text that sorts like the time. Identifiers are UUIDs in their lower-case
-- hyphenated text, which is how they appear everywhere else, so that what a log says can be pasted
-- into a query.
-- Every rule that guards money or uniqueness has a name: the service answers for it by that name.

-- Numbers that count up.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

-- clients_revision tells the instances that clients have changed; event_cursor is the last cursor
-- that an event got.
INSERT INTO meta (name, value) VALUES ('clients_revision', 0), ('event_cursor', 0);

CREATE TABLE clients (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    company_code TEXT NOT NULL,
    merchant_group TEXT NOT NULL,
    country TEXT NOT NULL,
    default_currency TEXT NOT NULL,
    allowed_origins TEXT NOT NULL,
    capture TEXT NOT NULL,
    rate_per_second BIGINT NOT NULL,
    rate_per_minute BIGINT NOT NULL,
    claim_within_milliseconds BIGINT NOT NULL,
    pay_within_milliseconds BIGINT NOT NULL,
    language TEXT NOT NULL,
    agreement_url TEXT,
    terms_url TEXT,
    applied_at TIMESTAMP NOT NULL,
    CONSTRAINT clients_currency_has_three_letters CHECK (length(default_currency) = 3),
    CONSTRAINT clients_capture_known CHECK (capture IN ('on_order', 'immediate', 'manual')),
    CONSTRAINT clients_rates_positive CHECK (rate_per_second > 0 AND rate_per_minute > 0),
    CONSTRAINT clients_times_not_negative
        CHECK (claim_within_milliseconds >= 0 AND pay_within_milliseconds >= 0)
);

-- A revoked key stays, so that it can be told when it stopped being valid.
CREATE TABLE signing_keys (
    client_code TEXT NOT NULL REFERENCES clients (code),
    kid TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    material BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP,
    PRIMARY KEY (client_code, kid)
);

-- Versions of a client's account at a provider. A payment keeps the version it began with, so no
-- version is ever changed or deleted.
CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    client_code TEXT NOT NULL REFERENCES clients (code),
    provider TEXT NOT NULL,
    settings BLOB NOT NULL,
    callback_secret BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP
);

-- New payments need exactly one version to begin with.
CREATE UNIQUE INDEX accounts_current_unique
    ON accounts (client_code, provider) WHERE superseded_at IS NULL;

CREATE TABLE coupons (
    client_code TEXT NOT NULL REFERENCES clients (code),
    code TEXT NOT NULL,
    number BIGINT NOT NULL,
    product TEXT NOT NULL,
    description TEXT NOT NULL,
    currency TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    start_price_minor BIGINT,
    -- A decimal number as text, because a percentage may have any number of decimals.
    vat_percent TEXT NOT NULL,
    period_length BIGINT,
    period_unit TEXT,
    closed_at TIMESTAMP,
    PRIMARY KEY (client_code, code, number),
    CONSTRAINT coupons_currency_has_three_letters CHECK (length(currency) = 3),
    CONSTRAINT coupons_price_not_negative
        CHECK (price_minor >= 0 AND (start_price_minor IS NULL OR start_price_minor >= 0)),
    CONSTRAINT coupons_period_complete CHECK ((period_length IS NULL) = (period_unit IS NULL))
);

CREATE TABLE payments (
    mcpay_ref TEXT NOT NULL PRIMARY KEY,
    client_code TEXT NOT NULL REFERENCES clients (code),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    method TEXT NOT NULL,
    flow TEXT NOT NULL,
    external_reference TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    vat_minor BIGINT NOT NULL,
    description TEXT NOT NULL,
    coupon_code TEXT,
    coupon_number BIGINT,
    -- Deferred, because a first payment and its agreement name each other.
    agreement_id TEXT REFERENCES agreements (id) DEFERRABLE INITIALLY DEFERRED,
    agreement_active BOOLEAN,
    status TEXT NOT NULL,
    reason TEXT,
    authorized_minor BIGINT NOT NULL,
    captured_minor BIGINT NOT NULL,
    cancelled_minor BIGINT NOT NULL,
    refunded_minor BIGINT NOT NULL,
    provider_ref TEXT,
    next_step TEXT,
    page_url TEXT NOT NULL,
    return_url TEXT,
    return_key TEXT NOT NULL,
    closing TEXT,
    -- A change is only written over the version it was made from.
    version BIGINT NOT NULL,
    event_sequence BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    pay_before TIMESTAMP NOT NULL,
    authorized_at TIMESTAMP,
    ended_at TIMESTAMP,
    inquire_at TIMESTAMP,
    inquiries INTEGER NOT NULL,
    -- The client's own reference may be used once: this is what stops a second payment for it.
    CONSTRAINT payments_external_reference_unique UNIQUE (client_code, external_reference),
    CONSTRAINT payments_currency_has_three_letters CHECK (length(currency) = 3),
    CONSTRAINT payments_amount_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT payments_vat_within_amount CHECK (vat_minor >= 0 AND vat_minor <= amount_minor),
    -- No more may be reserved than was asked for.
    CONSTRAINT payments_authorized_within_amount
        CHECK (authorized_minor >= 0 AND authorized_minor <= amount_minor),
    -- What was reserved is either taken or released, never both.
    CONSTRAINT payments_captured_within_authorized CHECK (
        captured_minor >= 0 AND cancelled_minor >= 0
        AND captured_minor + cancelled_minor <= authorized_minor
    ),
    -- Nobody gets back more than was taken.
    CONSTRAINT payments_refunded_within_captured
        CHECK (refunded_minor >= 0 AND refunded_minor <= captured_minor),
    CONSTRAINT payments_status_known CHECK (status IN (
        'initiated', 'unknown', 'authorized', 'captured',
        'refunded', 'cancelled', 'failed', 'expired'
    )),
    CONSTRAINT payments_coupon_complete
        CHECK ((coupon_code IS NULL) = (coupon_number IS NULL)),
    CONSTRAINT payments_agreement_complete
        CHECK ((agreement_id IS NULL) = (agreement_active IS NULL))
);

-- What the timer asks about next.
CREATE INDEX payments_due ON payments (inquire_at) WHERE inquire_at IS NOT NULL;

-- Standing permissions to charge. The token moves money: it is sealed.
CREATE TABLE agreements (
    id TEXT NOT NULL PRIMARY KEY,
    client_code TEXT NOT NULL REFERENCES clients (code),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    first_payment TEXT NOT NULL REFERENCES payments (mcpay_ref),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    coupon_code TEXT NOT NULL,
    coupon_number BIGINT NOT NULL,
    payer_reference TEXT NOT NULL,
    status TEXT NOT NULL,
    token BLOB,
    created_at TIMESTAMP NOT NULL,
    activated_at TIMESTAMP,
    CONSTRAINT agreements_first_payment_unique UNIQUE (first_payment),
    CONSTRAINT agreements_currency_has_three_letters CHECK (length(currency) = 3),
    CONSTRAINT agreements_amount_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT agreements_status_known CHECK (status IN ('pending', 'active', 'stopped')),
    -- Without its token an agreement cannot be charged, so it is not active.
    CONSTRAINT agreements_active_with_token
        CHECK (status <> 'active' OR (token IS NOT NULL AND activated_at IS NOT NULL))
);

-- Attempts, each written before the provider is called.
CREATE TABLE operations (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    mcpay_ref TEXT NOT NULL REFERENCES payments (mcpay_ref),
    kind TEXT NOT NULL,
    amount_minor BIGINT,
    status TEXT NOT NULL,
    code TEXT,
    requested_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    -- The provider may know the attempt by its number alone.
    CONSTRAINT operations_number_unique UNIQUE (number),
    CONSTRAINT operations_number_has_12_digits
        CHECK (number >= 100000000000 AND number <= 999999999999),
    CONSTRAINT operations_amount_not_negative CHECK (amount_minor IS NULL OR amount_minor >= 0),
    CONSTRAINT operations_status_known
        CHECK (status IN ('requested', 'done', 'accepted', 'failed', 'unknown'))
);

CREATE INDEX operations_of_payment ON operations (mcpay_ref);

-- Requests that may be repeated, and what they were answered.
CREATE TABLE idempotency_keys (
    client_code TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    -- Deferred, because the key is claimed before its payment is written.
    mcpay_ref TEXT NOT NULL REFERENCES payments (mcpay_ref) DEFERRABLE INITIALLY DEFERRED,
    claimed_at TIMESTAMP NOT NULL,
    answer_status INTEGER,
    answer_body TEXT,
    PRIMARY KEY (client_code, route, key),
    CONSTRAINT idempotency_keys_answer_complete
        CHECK ((answer_status IS NULL) = (answer_body IS NULL))
);

-- An answer finds its key by the payment that the key began.
CREATE UNIQUE INDEX idempotency_keys_payment_unique ON idempotency_keys (mcpay_ref);
CREATE INDEX idempotency_keys_claimed ON idempotency_keys (claimed_at);

-- Callbacks and the like, stored before they are worked on.
CREATE TABLE hints (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    mcpay_ref TEXT NOT NULL REFERENCES payments (mcpay_ref),
    provider_ref TEXT,
    received_at TIMESTAMP NOT NULL
);

CREATE INDEX hints_of_payment ON hints (mcpay_ref, id);
CREATE INDEX hints_received ON hints (received_at);

-- What the world is told, written together with the change that it tells.
CREATE TABLE events (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    client_code TEXT NOT NULL,
    mcpay_ref TEXT,
    occurred_at TIMESTAMP NOT NULL,
    data TEXT NOT NULL,
    -- Given after the commit by the sequencer. The position is no cursor: rows do not commit in
    -- its order, and a reader would miss those that commit late.
    cursor BIGINT,
    published_at TIMESTAMP,
    CONSTRAINT events_id_unique UNIQUE (id),
    CONSTRAINT events_sequence_unique UNIQUE (subject, sequence),
    CONSTRAINT events_sequence_positive CHECK (sequence > 0)
);

CREATE UNIQUE INDEX events_cursor_unique ON events (cursor) WHERE cursor IS NOT NULL;
CREATE INDEX events_of_client ON events (client_code, cursor) WHERE cursor IS NOT NULL;
CREATE INDEX events_without_cursor ON events (position) WHERE cursor IS NULL;
CREATE INDEX events_unpublished ON events (position) WHERE published_at IS NULL;

-- Who may do work that must not be done twice at once, and until when.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at TIMESTAMP NOT NULL
);
