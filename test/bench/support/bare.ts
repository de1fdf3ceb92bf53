import { createServer } from 'node:http';
import { Server } from 'socket.io';

/** Socket.IO with nothing on top: what the product's figures are compared with. Told `go`, it tells everybody. */
const http = createServer();
const io = new Server(http, { serveClient: false, perMessageDeflate: false });
const state = { text: 'x'.repeat(4000) };
io.on('connection', (socket) => socket.emit('state', state));
process.on('message', () => io.emit('news', { at: 1 }));
http.listen(0, '127.0.0.1', 2048, () => {
  const address = http.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});
