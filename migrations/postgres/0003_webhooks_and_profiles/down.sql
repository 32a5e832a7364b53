-- The database without webhooks and profiles. What they held is lost: registrations stay at the
-- provider, without a secret to check them by, until somebody removes them there.
DROP TABLE profiles;
DROP TABLE webhook_registrations;
ALTER TABLE payments DROP COLUMN due_at, DROP COLUMN profile;
