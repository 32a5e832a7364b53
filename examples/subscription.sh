#!/usr/bin/env bash
# A subscription's life, from the shop's token to its last event, with curl and openssl alone.
#
#   mcpay demo                                   # in another window
#   examples/subscription.sh http://localhost:8080
#
# The secrets are the demo's; everybody knows them.
set -euo pipefail

base=${1:-http://localhost:8080}
client=no.mediaconnect.test
signing_secret=demo-only-secret-do-not-use-in-production-0123456789abcdefghijklmnop
oauth_secret=demo-only-oauth-secret
run=$(openssl rand -hex 6)

# Says what comes next, on standard error, so that answers stay alone on standard output.
say() { printf '\n# %s\n' "$1" >&2; }

# Writes the answer; fails with it on standard error when the status is 400 or more.
call() {
  local answer
  if answer=$(curl --silent --show-error --fail-with-body "$@"); then
    printf '%s\n' "$answer"
  else
    printf '%s\n' "$answer" >&2
    return 1
  fi
}

# The text or number of a member, out of JSON on standard input; the first one of that name.
member() { sed -nE "s/\"$1\":/\n/; s/^[^\n]*\n(\"([^\"]*)\"|([0-9]+)).*/\2\3/p"; }

# What the shop's backend asks of the API, under a key of its own for all that moves money.
backend() { call -H "Authorization: Bearer $token" -H "Content-Type: application/json" "$@"; }
moves() { backend -H "Idempotency-Key: $(openssl rand -hex 16)" "$@"; }

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# A JWT (HS512) of the claims on standard input, as the shop's server signs it.
sign() {
  local header payload signature
  header=$(printf '{"alg":"HS512","typ":"JWT","kid":"demo"}' | base64url)
  payload=$(base64url)
  signature=$(printf '%s.%s' "$header" "$payload" |
    openssl dgst -sha512 -hmac "$signing_secret" -binary | base64url)
  printf '%s.%s.%s' "$header" "$payload" "$signature"
}

# Asks until the payment's state is the wanted one; gives up after some 30 seconds.
wait_for_state() {
  local state=
  for _ in $(seq 150); do
    state=$(backend "$base/capi/v1/client/payment/$1" | member state)
    [ "$state" = "$2" ] && return
    sleep 0.2
  done
  echo "The payment $1 is $state and did not become $2." >&2
  exit 1
}

say "A token for the backend API, good for 12 hours"
token=$(call -u "$client:$oauth_secret" -d grant_type=client_credentials \
  "$base/login/oauth/token" | member access_token)

say "What the coupon costs"
backend -d '{"couponCode":"TOTT","couponNumber":1}' "$base/capi/v1/client/coupon/price"

say "The shop's server signs, and the page starts the payment: 1 krone now, 349 each month"
now=$(date +%s)
jwt=$(printf '{"clientCode":"%s","paymentMethod":"creditcardPayex","paymentFlow":"redirect","recurring":true,"productSpecCode":"TOTT","productSpecNo":1,"externalReference":"first-%s","returnUrl":"%s/demo/done.html","nbf":%d,"iat":%d,"exp":%d}' \
  "$client" "$run" "$base" "$now" "$now" "$((now + 3600))" | sign)
payment=$(call -H "Content-Type: application/json" \
  -d "{\"clientCode\":\"$client\",\"sign\":\"$jwt\"}" \
  "$base/capi/mcpay/paymentInit" | member mcPayRef)
echo "mcPayRef $payment"

say "The payer approves, at the simulated provider"
call -H "Content-Type: application/json" -d '{"action":"approve"}' \
  "$base/sandbox/payex/_payer/$payment" >/dev/null
wait_for_state "$payment" authorized

say "The order claims the payment, and is captured because of it"
order=$(backend -d "{\"externalOrderId\":\"order-$run\",\"paymentMethod\":\"creditcardPayex\",\"orderAmount\":1.00,\"currency\":\"NOK\",\"prepaid\":true,\"recurring\":true,\"mcPayRef\":\"$payment\",\"payer\":{\"lastName\":\"Nordmann\",\"postalCode\":\"0150\",\"emails\":[\"reader@example.test\"]},\"orderLines\":[{\"productSpecType\":\"coupon\",\"productSpecCode\":\"TOTT\",\"productSpecNo\":1,\"quantity\":1,\"unitPrice\":1.00}]}" \
  "$base/capi/v1/client/order" | member orderId)
wait_for_state "$payment" captured
backend "$base/capi/v1/client/order/status/$order"
agreement=$(backend "$base/capi/v1/client/payment/$payment" | member agreementId)

say "The next month: a charge of the agreement is a payment of its own"
charge=$(moves -d "{\"externalReference\":\"second-$run\",\"amount\":\"349.00\",\"description\":\"The second month\"}" \
  "$base/capi/v1/client/agreement/$agreement/charge" | member mcPayRef)
wait_for_state "$charge" captured

say "Half of it goes back, and then the reader leaves"
moves -d '{"amount":"174.50"}' "$base/capi/v1/client/payment/$charge/refund"
moves -X POST "$base/capi/v1/client/agreement/$agreement/stop"

say "How the payment of the second month came to be, and everything that was told"
backend "$base/capi/v1/client/payment/$charge"
told=
after=0
for _ in $(seq 150); do
  page=$(backend "$base/capi/v1/client/event?after=$after&limit=200")
  types=$(printf '%s' "$page" | { grep -oE '"type":"[a-z_.]+"' || true; } | cut -d'"' -f4)
  [ -z "$types" ] || printf '%s\n' "$types"
  told="$told $types"
  case $told in *agreement.stopped*) exit 0 ;; esac
  after=$(printf '%s' "$page" | member next)
  sleep 0.2
done
echo "The end of the agreement was not told." >&2
exit 1
