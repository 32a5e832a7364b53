//! Whose address a request counts for. Forwarding headers are read only when the peer is one of
//! `MCPAY_TRUSTED_PROXIES`: anybody else could claim to be anybody.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// Addresses of our own proxies; none by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpAddr>);

impl TrustedProxies {
    pub fn new(addresses: Vec<IpAddr>) -> Self {
        Self(addresses)
    }

    /// The nearest address that is not one of our proxies.
    pub fn client_of(&self, request: &HttpRequest) -> IpAddr {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::from([0, 0, 0, 0]), |address| {
                address.ip().to_canonical()
            });
        if !self.0.contains(&peer) {
            return peer;
        }
        let lines = |name: &str| {
            let values = request.headers().get_all(name);
            values
                .filter_map(|value| value.to_str().ok())
                .collect::<Vec<_>>()
                .join(",")
        };
        let chain = nodes(&lines("forwarded"), &lines("x-forwarded-for"));
        let mut client = peer;
        for node in chain.iter().rev() {
            match node {
                Some(address) if self.0.contains(address) => client = *address,
                Some(address) => return *address,
                // Whatever stands before something unreadable was written by a stranger.
                None => break,
            }
        }
        client
    }
}

/// The chain of addresses, client first. The older header where both are given: proxies that write
/// it pass a stranger's RFC 7239 header through untouched.
fn nodes(forwarded: &str, x_forwarded_for: &str) -> Vec<Option<IpAddr>> {
    if !x_forwarded_for.trim().is_empty() {
        return x_forwarded_for
            .split(',')
            .map(|node| parse_node(node.trim()))
            .collect();
    }
    let pairs = forwarded
        .split([',', ';'])
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(name, _)| name.eq_ignore_ascii_case("for"))
        .map(|(_, value)| parse_node(value.trim_matches('"')))
        .collect()
}

/// An address with or without port or brackets.
fn parse_node(node: &str) -> Option<IpAddr> {
    node.parse().ok().or_else(|| {
        let socket: Option<std::net::SocketAddr> = node.parse().ok();
        socket
            .map(|socket| socket.ip())
            .or_else(|| node.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn client(proxies: &str, peer: &str, header: (&str, &str)) -> String {
        let request = TestRequest::default()
            .peer_addr(format!("{peer}:4000").parse().unwrap())
            .insert_header((header.0.to_owned(), header.1.to_owned()))
            .to_http_request();
        let proxies = proxies
            .split(',')
            .filter_map(|proxy| proxy.parse().ok())
            .collect();
        TrustedProxies::new(proxies).client_of(&request).to_string()
    }

    #[test]
    fn a_stranger_cannot_claim_another_address() {
        assert_eq!(
            client("", "9.9.9.9", ("x-forwarded-for", "1.1.1.1")),
            "9.9.9.9"
        );
        assert_eq!(
            client("10.0.0.2", "9.9.9.9", ("forwarded", "for=1.1.1.1")),
            "9.9.9.9"
        );
    }

    #[test]
    fn the_nearest_address_before_our_own_proxies_counts() {
        let chain = ("x-forwarded-for", "6.6.6.6, 1.1.1.1, 10.0.0.3");
        assert_eq!(client("10.0.0.2,10.0.0.3", "10.0.0.2", chain), "1.1.1.1");
        let modern = ("forwarded", "for=\"[2001:db8::1]:99\";proto=https");
        assert_eq!(client("10.0.0.2", "10.0.0.2", modern), "2001:db8::1");
    }
}
