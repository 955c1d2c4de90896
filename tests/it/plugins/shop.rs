//! A server of somebody else's, on loopback: it keeps what it heard and answers
//! everything with the same.

use std::sync::{Arc, Mutex};

use deskbell_server::tasks::Tasks;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub(crate) struct Shop {
    pub(crate) port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    tasks: Tasks,
}

impl Shop {
    /// Answers 200 with this JSON.
    pub(crate) async fn with(order: &str) -> Self {
        let length = order.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{order}"
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let tasks = Tasks::default();
        let (kept, stop) = (heads.clone(), tasks.stop());
        tasks.spawn("shop", async move {
            let serve = async {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => head.push(byte),
                            Err(_) => break,
                        }
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    kept.lock().expect("nobody panicked").push(head);
                    let _gone = stream.write_all(answer.as_bytes()).await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = serve => {}
            }
        });
        Self { port, heads, tasks }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/orders/{{order_id}}", self.port)
    }

    /// The heads of all requests so far.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heads.lock().expect("nobody panicked").clone()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.tasks.stop().cancel();
    }
}
