-- What one paymentInit asks of PostgreSQL: the statements of `begin` and `save` in the store,
-- with the same columns and values of the usual size. It is the floor of what the service can do:
-- whatever is slower than this is the service's own doing.
--
--   mcpay migrate --database-url postgres://localhost/bench
--   psql -d bench -f scripts/bench.d/seed.sql
--   pgbench -n -M prepared -c 16 -j 2 -T 60 -f scripts/bench.d/payment_init.sql bench
--
-- -M prepared, because the service prepares its statements once per connection. Identifiers are
-- random where the service's begin with the time, which matters only when the tables outgrow memory.

\set high random(0, 4294967295)
\set low random(0, 281474976710655)
\set number random(100000000000, 999999999999)

-- is_reference_used: only a new reference counts against the client's limit
SELECT EXISTS (SELECT 1 FROM payments
    WHERE client_code = 'bench.example'
      AND external_reference = 'order-' || :high::text || '-' || :low::text);

-- begin
BEGIN;
INSERT INTO payments
    (mcpay_ref, client_code, account_id, method, flow, external_reference, currency, amount_minor,
     vat_minor, description, coupon_code, coupon_number, agreement_id, agreement_active, status,
     reason, authorized_minor, captured_minor, cancelled_minor, refunded_minor, provider_ref,
     next_step, closing, version, event_sequence, pay_before, authorized_at, ended_at, inquire_at,
     inquiries, page_url, return_url, return_key, created_at)
VALUES
    ('019a8d4e-7b7c-7000-8' || lpad(to_hex(:high::bigint % 4096), 3, '0') || '-' || lpad(to_hex(:low::bigint), 12, '0'),
     'bench.example', '019a8d4e-7b7c-7000-8000-000000000001', 'creditcardPayex', 'seamless',
     'order-' || :high::text || '-' || :low::text, 'NOK', 34900,
     6980, 'Digital subscription, monthly', NULL, NULL, NULL, NULL, 'initiated',
     NULL, 0, 0, 0, 0, NULL,
     NULL, NULL, 0, 1, now()::timestamp + interval '1 hour', NULL, NULL,
     now()::timestamp + interval '1 minute',
     0, 'https://shop.example/checkout?mcPayRef=019a8d4e-7b7c-7000-8000-000000000000',
     'https://shop.example/back', '0123456789abcdef0123456789abcdef', now()::timestamp)
ON CONFLICT (client_code, external_reference) DO NOTHING;
INSERT INTO operations
    (id, number, mcpay_ref, kind, amount_minor, status, requested_at)
VALUES
    ('019a8d4e-7b7c-7001-8' || lpad(to_hex(:high::bigint % 4096), 3, '0') || '-' || lpad(to_hex(:low::bigint), 12, '0'), :number,
     '019a8d4e-7b7c-7000-8' || lpad(to_hex(:high::bigint % 4096), 3, '0') || '-' || lpad(to_hex(:low::bigint), 12, '0'),
     'initiate', 34900, 'requested', now()::timestamp);
INSERT INTO events
    (id, kind, subject, sequence, client_code, mcpay_ref, occurred_at, data)
VALUES
    ('019a8d4e-7b7c-7002-8' || lpad(to_hex(:high::bigint % 4096), 3, '0') || '-' || lpad(to_hex(:low::bigint), 12, '0'),
     'payment.initiated',
     '019a8d4e-7b7c-7000-8' || lpad(to_hex(:high::bigint % 4096), 3, '0') || '-' || lpad(to_hex(:low::bigint), 12, '0'), 1,
     'bench.example',
     '019a8d4e-7b7c-7000-8' || lpad(to_hex(:high::bigint % 4096), 3, '0') || '-' || lpad(to_hex(:low::bigint), 12, '0'),
     now()::timestamp,
     '{"amount":"349.00","authorizedAmount":"0.00","cancelledAmount":"0.00","capturedAmount":"0.00","clientCode":"bench.example","currency":"NOK","externalReference":"order-1234567890-123456789012345","mcPayRef":"019a8d4e-7b7c-7000-8000-000000000000","paymentMethod":"creditcardPayex","refundedAmount":"0.00","status":"initiated"}'::json);
COMMIT;

-- save, after the provider has answered
BEGIN;
UPDATE payments SET
    agreement_id = NULL, agreement_active = NULL, status = 'initiated', reason = NULL,
    authorized_minor = 0, captured_minor = 0, cancelled_minor = 0, refunded_minor = 0,
    provider_ref = '/psp/paymentorders/5a17c24e-d459-4567-bbad-aa0f17a76119',
    next_step = '{"seamless":{"provider":"payex","scriptUrl":"https://ecom.externalintegration.payex.com/checkout/core/client/checkout/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef?culture=nb-NO","culture":"nb-NO"}}'::json,
    closing = NULL, version = 1, event_sequence = 1,
    pay_before = now()::timestamp + interval '1 hour', authorized_at = NULL, ended_at = NULL,
    inquire_at = now()::timestamp + interval '5 minutes', inquiries = 0
WHERE mcpay_ref = '019a8d4e-7b7c-7000-8' || lpad(to_hex(:high::bigint % 4096), 3, '0') || '-' || lpad(to_hex(:low::bigint), 12, '0')
    AND version = 0;
UPDATE operations SET status = 'done', code = NULL, finished_at = now()::timestamp
WHERE id = '019a8d4e-7b7c-7001-8' || lpad(to_hex(:high::bigint % 4096), 3, '0') || '-' || lpad(to_hex(:low::bigint), 12, '0')
    AND mcpay_ref = '019a8d4e-7b7c-7000-8' || lpad(to_hex(:high::bigint % 4096), 3, '0') || '-' || lpad(to_hex(:low::bigint), 12, '0');
COMMIT;
