import { render } from 'preact';
import './base.css';
import './fleet.css';
import './instance.css';
import { Announcer } from './parts/announcer.tsx';
import { ApiClient } from './state/api-client.ts';
import { followAddress } from './state/address.ts';
import { App } from './app.tsx';
import { FleetState } from './state/fleet-state.ts';
import { LiveFeed } from './state/live-feed.ts';
import { TokenPrompt } from './parts/token-dialog.tsx';
import { Tokens } from './state/tokens.ts';

const prompt = new TokenPrompt();
const api = new ApiClient(new Tokens(localStorage), (right, wrong) => prompt.ask(right, wrong));
const state = new FleetState();
const feed = new LiveFeed(api, state);
followAddress(state);
const place = document.getElementById('page');
if (place !== null) {
  render(<App api={api} state={state} feed={feed} prompt={prompt} announcer={new Announcer()} />, place);
}
setInterval(() => state.tick(), 1_000);
void feed.run();
