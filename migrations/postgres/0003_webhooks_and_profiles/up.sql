-- Registered webhooks, profiles of payers, and the day on which a charge is made.

-- Adding a column that may be empty rewrites nothing; the lock is held for a moment.
ALTER TABLE payments
    -- When a charge is made that waits for its day, here or at the provider.
    ADD COLUMN due_at TIMESTAMP,
    -- Whether the payer was asked for a profile, and whether the provider has told whose it is.
    ADD COLUMN profile TEXT
        CONSTRAINT payments_profile_known CHECK (profile IN ('asked', 'known'));

-- Addresses at which a provider notifies us, one for each version of an account and each public URL.
-- The row comes first, as the claim of the instance that then registers it; so of those that race
-- only one does. The secret is sealed.
CREATE TABLE webhook_registrations (
    -- The last part of the address.
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    public_url TEXT NOT NULL,
    url TEXT NOT NULL,
    -- The provider's own name of it, and what it signs with; both once it is registered.
    provider_id TEXT,
    secret BYTEA,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT webhook_registrations_account_unique UNIQUE (account_id, public_url),
    CONSTRAINT webhook_registrations_complete CHECK ((provider_id IS NULL) = (secret IS NULL))
);

-- Who paid, where the payer permitted the provider to tell. Everything about the person is sealed,
-- and the row is dropped when the permission ends.
CREATE TABLE profiles (
    mcpay_ref TEXT NOT NULL PRIMARY KEY REFERENCES payments (mcpay_ref),
    subject BYTEA NOT NULL,
    told BYTEA,
    -- When it is fetched; NULL when nothing is left to fetch.
    due_at TIMESTAMP,
    tries INTEGER NOT NULL,
    drop_at TIMESTAMP NOT NULL
);

CREATE INDEX profiles_due ON profiles (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX profiles_to_drop ON profiles (drop_at);
