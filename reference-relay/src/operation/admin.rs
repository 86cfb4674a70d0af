//! The admin address: is it alive, does it accept, how does it fare. It is for whoever operates the
//! relay and asks nobody who they are, so it is loopback unless somebody insists.

use super::metrics;
use crate::pump::Hub;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use std::sync::Arc;
use tokio::{net::TcpListener, task::spawn_blocking};

/// The form of `/metrics`.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves for ever.
pub(super) async fn serve(listener: TcpListener, hub: Arc<Hub>) {
    let router = Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(show))
        .with_state(hub);
    // It ends with its listener only, which nobody takes away.
    let _ = axum::serve(listener, router).await;
}

/// Answers while the relay's lock can be had: what waits for it for ever is not alive.
async fn alive(State(hub): State<Arc<Hub>>) -> &'static str {
    let _ = hub.sessions();
    "alive\n"
}

async fn ready(State(hub): State<Arc<Hub>>) -> (StatusCode, &'static str) {
    match hub.is_draining() {
        false => (StatusCode::OK, "ready\n"),
        true => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
    }
}

async fn show(State(hub): State<Arc<Hub>>) -> impl IntoResponse {
    // Thousands of queues and descriptors are looked at: not by a thread that moves frames.
    let page = spawn_blocking(|| metrics::page(hub)).await;
    page.map(|page| ([(CONTENT_TYPE, OPEN_METRICS)], page))
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
