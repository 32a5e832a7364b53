//! The tables as diesel sees them, once for both databases: only types that both have.
//!
//! Kept by hand next to `migrations/`; the tests of the store read and write every column.

diesel::table! {
    meta (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    clients (code) {
        code -> Text,
        name -> Text,
        company_code -> Text,
        merchant_group -> Text,
        country -> Text,
        default_currency -> Text,
        allowed_origins -> Json,
        capture -> Text,
        rate_per_second -> BigInt,
        rate_per_minute -> BigInt,
        claim_within_milliseconds -> BigInt,
        pay_within_milliseconds -> BigInt,
        language -> Text,
        agreement_url -> Nullable<Text>,
        terms_url -> Nullable<Text>,
        applied_at -> Timestamp,
    }
}

diesel::table! {
    signing_keys (client_code, kid) {
        client_code -> Text,
        kid -> Text,
        algorithm -> Text,
        material -> Binary,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        client_code -> Text,
        provider -> Text,
        settings -> Binary,
        callback_secret -> Binary,
        created_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    coupons (client_code, code, number) {
        client_code -> Text,
        code -> Text,
        number -> BigInt,
        product -> Text,
        description -> Text,
        currency -> Text,
        price_minor -> BigInt,
        start_price_minor -> Nullable<BigInt>,
        vat_percent -> Text,
        period_length -> Nullable<BigInt>,
        period_unit -> Nullable<Text>,
        closed_at -> Nullable<Timestamp>,
        valid_from -> Nullable<Timestamp>,
        valid_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    payments (mcpay_ref) {
        mcpay_ref -> Text,
        client_code -> Text,
        account_id -> Text,
        method -> Text,
        flow -> Text,
        external_reference -> Text,
        currency -> Text,
        amount_minor -> BigInt,
        vat_minor -> BigInt,
        description -> Text,
        coupon_code -> Nullable<Text>,
        coupon_number -> Nullable<BigInt>,
        agreement_id -> Nullable<Text>,
        agreement_active -> Nullable<Bool>,
        status -> Text,
        reason -> Nullable<Text>,
        authorized_minor -> BigInt,
        captured_minor -> BigInt,
        cancelled_minor -> BigInt,
        refunded_minor -> BigInt,
        provider_ref -> Nullable<Text>,
        next_step -> Nullable<Json>,
        page_url -> Text,
        return_url -> Nullable<Text>,
        return_key -> Text,
        closing -> Nullable<Text>,
        version -> BigInt,
        event_sequence -> BigInt,
        created_at -> Timestamp,
        pay_before -> Timestamp,
        authorized_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        inquire_at -> Nullable<Timestamp>,
        inquiries -> Integer,
        capture -> Text,
        claim_within_milliseconds -> BigInt,
        charge_of -> Nullable<Text>,
        capture_reserved_minor -> BigInt,
        refund_reserved_minor -> BigInt,
        capture_refusals -> Integer,
        claimed -> Bool,
        release_at -> Nullable<Timestamp>,
        due_at -> Nullable<Timestamp>,
        profile -> Nullable<Text>,
    }
}

diesel::table! {
    agreements (id) {
        id -> Text,
        client_code -> Text,
        account_id -> Text,
        first_payment -> Text,
        currency -> Text,
        amount_minor -> BigInt,
        coupon_code -> Text,
        coupon_number -> BigInt,
        payer_reference -> Text,
        status -> Text,
        token -> Nullable<Binary>,
        created_at -> Timestamp,
        activated_at -> Nullable<Timestamp>,
        version -> BigInt,
        event_sequence -> BigInt,
        stopped_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    operations (id) {
        id -> Text,
        number -> BigInt,
        mcpay_ref -> Text,
        kind -> Text,
        amount_minor -> Nullable<BigInt>,
        status -> Text,
        code -> Nullable<Text>,
        requested_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        vat_minor -> Nullable<BigInt>,
        order_id -> Nullable<BigInt>,
        due_at -> Nullable<Timestamp>,
        tries -> Integer,
    }
}

diesel::table! {
    idempotency_keys (client_code, route, key) {
        client_code -> Text,
        route -> Text,
        key -> Text,
        body_hash -> Binary,
        mcpay_ref -> Text,
        claimed_at -> Timestamp,
        answer_status -> Nullable<Integer>,
        answer_body -> Nullable<Text>,
        operation_id -> Nullable<Text>,
    }
}

diesel::table! {
    hints (id) {
        id -> BigInt,
        mcpay_ref -> Text,
        provider_ref -> Nullable<Text>,
        received_at -> Timestamp,
    }
}

diesel::table! {
    events (position) {
        position -> BigInt,
        id -> Text,
        kind -> Text,
        subject -> Text,
        sequence -> BigInt,
        client_code -> Text,
        mcpay_ref -> Nullable<Text>,
        occurred_at -> Timestamp,
        data -> Json,
        cursor -> Nullable<BigInt>,
        published_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    oauth_secrets (client_code, generation) {
        client_code -> Text,
        generation -> BigInt,
        hash -> Binary,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    token_keys (kid) {
        kid -> Text,
        material -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    order_sets (id) {
        id -> Text,
        client_code -> Text,
        mcpay_ref -> Nullable<Text>,
        status -> Text,
        return_url -> Nullable<Text>,
        seen_version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    orders (order_id) {
        order_id -> BigInt,
        client_code -> Text,
        external_order_id -> Nullable<Text>,
        body_hash -> Binary,
        body -> Binary,
        payment_method -> Text,
        currency -> Text,
        amount_minor -> BigInt,
        vat_minor -> BigInt,
        coupon_code -> Nullable<Text>,
        coupon_number -> Nullable<BigInt>,
        recurring -> Bool,
        prepaid -> Bool,
        set_id -> Nullable<Text>,
        status -> Text,
        refund_reserved_minor -> BigInt,
        version -> BigInt,
        event_sequence -> BigInt,
        registered_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    order_callbacks (order_id) {
        order_id -> BigInt,
        url -> Text,
        due_at -> Nullable<Timestamp>,
        tries -> Integer,
        delivered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhook_registrations (id) {
        id -> Text,
        account_id -> Text,
        public_url -> Text,
        url -> Text,
        provider_id -> Nullable<Text>,
        secret -> Nullable<Binary>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    profiles (mcpay_ref) {
        mcpay_ref -> Text,
        subject -> Binary,
        told -> Nullable<Binary>,
        due_at -> Nullable<Timestamp>,
        tries -> Integer,
        drop_at -> Timestamp,
    }
}

diesel::joinable!(operations -> payments (mcpay_ref));
diesel::joinable!(orders -> order_sets (set_id));
diesel::joinable!(order_sets -> payments (mcpay_ref));
diesel::allow_tables_to_appear_in_same_query!(order_sets, orders, payments, operations);
diesel::allow_tables_to_appear_in_same_query!(hints, payments);
