-- The client and the account that the payments of payment_init.sql belong to. The sealed columns
-- hold no secret: nothing opens them in this measurement, and a service must not be started on it.

INSERT INTO clients
    (code, name, company_code, merchant_group, country, default_currency, allowed_origins, capture,
     rate_per_second, rate_per_minute, claim_within_milliseconds, pay_within_milliseconds, language,
     agreement_url, terms_url, applied_at)
VALUES
    ('bench.example', 'Measured client', 'BENCH', 'bench', 'NO', 'NOK', '["https://shop.example"]',
     'on_order', 100, 2000, 86400000, 3600000, 'nb-NO', NULL, NULL, now() AT TIME ZONE 'UTC')
ON CONFLICT (code) DO NOTHING;

INSERT INTO accounts
    (id, client_code, provider, settings, callback_secret, created_at, superseded_at)
VALUES
    ('019a8d4e-7b7c-7000-8000-000000000001', 'bench.example', 'payex', '\x00', '\x00',
     now() AT TIME ZONE 'UTC', NULL)
ON CONFLICT (id) DO NOTHING;
