//! The HTTP side: `GET /ws` upgrades, `GET /status` answers. Nothing of it outlives the upgrade.
//!
//! Clauses: `relay/endpoint, status`, `frame/no-compression`.

use crate::{exchange::counts::Refused, pump::Hub};
use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, Response, StatusCode, Version,
        header::{
            CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
            UPGRADE,
        },
    },
    response::IntoResponse,
    routing::get,
};
use base64ct::{Base64, Encoding};
use hyper::{
    server::conn::http1,
    service::{Service, service_fn},
    upgrade::OnUpgrade,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use serde::Serialize;
use sha1::{Digest, Sha1};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

/// What RFC 6455, section 1.3, appends to the key.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Longest request head.
const HEAD: usize = 16 * 1024;

/// Where a handler leaves its connection once that speaks WebSocket.
type Slot = Arc<Mutex<Option<OnUpgrade>>>;

/// What `GET /status` says: numbers and words, no id, key or address.
#[derive(Serialize)]
struct Status {
    status: &'static str,
    version: &'static str,
    connections: usize,
    uptime_sec: u64,
}

/// What answers the requests of all connections.
pub(crate) fn router(hub: &Arc<Hub>) -> Router {
    let router = Router::new().route("/ws", get(upgrade)).route("/status", get(status));
    router.with_state(Arc::clone(hub))
}

/// Serves HTTP until the deadline; the socket, if it became a WebSocket, and what came behind the
/// request.
pub(crate) async fn upgraded(
    hub: &Hub,
    router: Router,
    tcp: TcpStream,
    deadline: Instant,
) -> Option<(TcpStream, Vec<u8>)> {
    let slot = Slot::default();
    let (left, answers) = (Arc::clone(&slot), TowerToHyperService::new(router));
    let service = service_fn(move |mut request| {
        request.extensions_mut().insert(Arc::clone(&left));
        answers.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(hub.limits.hello_deadline())
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(tcp), service)
        .with_upgrades();
    match timeout_at(deadline, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) if !error.is_timeout() => return None,
        _ => {
            hub.route.counts.refused(Refused::Deadline);
            return None;
        }
    }
    let upgrade = slot.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let parts = upgrade.await.ok()?.downcast::<TokioIo<TcpStream>>().ok()?;
    Some((parts.io.into_inner(), parts.read_buf.to_vec()))
}

async fn status(State(hub): State<Arc<Hub>>) -> Json<Status> {
    Json(Status {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        connections: hub.sessions(),
        uptime_sec: hub.now().as_secs(),
    })
}

async fn upgrade(
    State(hub): State<Arc<Hub>>,
    Extension(slot): Extension<Slot>,
    mut request: Request,
) -> Response<Body> {
    // A route for GET answers HEAD too, and nothing follows the head of that answer.
    if request.method() != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let accept = match accept(request.version(), request.headers()) {
        Ok(accept) => accept,
        Err(refusal) => {
            hub.route.counts.refused(Refused::Upgrade);
            return refusal.into_response();
        }
    };
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = upgrade;
    let headers = [
        (CONNECTION, HeaderValue::from_static("upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (SEC_WEBSOCKET_ACCEPT, accept),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

type Refusal = (StatusCode, [(HeaderName, HeaderValue); 1]);

/// Judges the client's half of the opening handshake (RFC 6455, section 4.2.1). Extensions and
/// subprotocols are passed over, so none is ever in force.
fn accept(version: Version, headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let refused = |status| (status, [(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))]);
    let bad = || refused(StatusCode::BAD_REQUEST);
    let says = |name: HeaderName, token: &str| {
        let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(token))
    };
    if version != Version::HTTP_11 || !says(CONNECTION, "upgrade") {
        return Err(bad());
    }
    if !says(UPGRADE, "websocket") || !says(SEC_WEBSOCKET_VERSION, "13") {
        return Err(refused(StatusCode::UPGRADE_REQUIRED));
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok()).ok_or_else(bad)?;
    let mut nonce = [0; 16];
    if Base64::decode(key, &mut nonce).map_err(|_| bad())?.len() != nonce.len() {
        return Err(bad());
    }
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    HeaderValue::from_str(&Base64::encode_string(&digest)).map_err(|_| bad())
}
