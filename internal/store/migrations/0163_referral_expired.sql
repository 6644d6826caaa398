-- +goose Up

-- Offers that ended because nobody answered them, once nobody waits for them any more.
CREATE INDEX referral_thread_expired ON referral_thread (moved_at) WHERE due_at IS NULL AND state = 'expired';
