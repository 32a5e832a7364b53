//! Whose address a request counts for. Forwarding headers are read only when the peer is one of
//! `MCPAY_TRUSTED_PROXIES`: anybody else could claim to be anybody.

use std::net::IpAddr;
use std::str::FromStr;

use actix_web::HttpRequest;

/// Addresses of our own proxies; none by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpAddr>);

impl FromStr for TrustedProxies {
    type Err = String;

    /// Comma separated addresses: `10.0.0.2,10.0.0.3`.
    fn from_str(list: &str) -> Result<Self, String> {
        list.split(',')
            .map(str::trim)
            .filter(|address| !address.is_empty())
            .map(|address| {
                address
                    .parse()
                    .map_err(|_| format!("`{address}` is not an IP address"))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl TrustedProxies {
    /// The nearest address that is not one of our proxies.
    pub fn client_of(&self, request: &HttpRequest) -> IpAddr {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::from([0, 0, 0, 0]), |address| address.ip());
        if !self.0.contains(&peer) {
            return peer;
        }
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let forwarded: Vec<IpAddr> = forwarded_for(header("forwarded"), header("x-forwarded-for"));
        forwarded
            .into_iter()
            .rev()
            .find(|address| !self.0.contains(address))
            .unwrap_or(peer)
    }
}

/// The chain of addresses, client first; RFC 7239 where given, else the older header.
fn forwarded_for(forwarded: &str, x_forwarded_for: &str) -> Vec<IpAddr> {
    let modern: Vec<IpAddr> = forwarded
        .split([',', ';'])
        .filter_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            name.eq_ignore_ascii_case("for")
                .then(|| parse_node(value.trim_matches('"')))?
        })
        .collect();
    if modern.is_empty() {
        x_forwarded_for
            .split(',')
            .filter_map(|node| parse_node(node.trim()))
            .collect()
    } else {
        modern
    }
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
        proxies
            .parse::<TrustedProxies>()
            .unwrap()
            .client_of(&request)
            .to_string()
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
