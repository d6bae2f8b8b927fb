import type { ProblemSentences } from '../../problem-translation.ts';

/** Why the HTTP API refuses what a command wants, by the English sentence of its answer. */
export const ANSWER_SENTENCES: ProblemSentences = {
  '<> was restarted; how that ended is not known.': '<> foi reiniciada; não se sabe como isso terminou.',
  '<> is being restarted; it is probed as soon as that call has ended.':
    '<> está sendo reiniciada; é verificada assim que esse pedido terminar.',
  'No probe could be made in time; GET /-/healthy may show why.':
    'Nenhuma verificação pôde ser feita a tempo; GET /-/healthy pode mostrar por quê.',
  '<> has no trouble to acknowledge: its phase is <>.': '<> não tem problema a reconhecer: a fase dela é <>.',
  '<> was restarted just now; reset it when that has shown its effect.':
    '<> acaba de ser reiniciada; zere-a quando isso tiver mostrado efeito.',
  '<> was not restarted: <>.': '<> não foi reiniciada: <>.',
  'It could not be saved, so it may not survive a restart of the watchdog; check the space of state.path, or the database.':
    'Não pôde ser salvo, então pode não sobreviver a um reinício do watchdog; verifique o espaço de state.path, ou o banco de dados.',
  'No account of this name is configured; GET /api/v1/status lists all.':
    'Nenhuma conta com este nome está configurada; GET /api/v1/status lista todas.',
  'No instance of this name is watched; GET /api/v1/instances lists all.':
    'Nenhuma instância com este nome é monitorada; GET /api/v1/instances lista todas.',
  'cursor: the instance it names is no longer watched; start again without cursor.':
    'cursor: a instância que ele aponta deixou de ser monitorada; comece de novo sem cursor.',
  '<> is disabled in the configuration, so it is not probed.':
    '<> está desativada na configuração, então não é verificada.',
  'Starting: the first probes are not all out yet.': 'Iniciando: nem todas as primeiras verificações foram feitas.',
  'The config has <>; the previous one stays in use.': 'A configuração tem <>; a anterior continua em uso.',
  'one problem': 'um problema',
  '<> problems': '<> problemas',
  '<> The log lists them.': '<> O log mostra quais.',
  'This watchdog accepts no such calls: its configuration sets no <>.':
    'Este watchdog não aceita essas chamadas: a configuração dele não define <>.',
  'This call needs a token: send Authorization: Bearer with <> of the configuration.':
    'Esta chamada precisa de um token: envie Authorization: Bearer com <> da configuração.',
  'This page needs a token: add ?token= with page.public.token of the configuration.':
    'Esta página precisa de um token: acrescente ?token= com page.public.token da configuração.',
  'The token is not the right one: it must be <> of the configuration.':
    'O token não é o certo: precisa ser <> da configuração.',
  'A replica with another cluster.token makes this call: give all replicas the same one.':
    'Quem chama é uma réplica com outro cluster.token: use o mesmo em todas as réplicas.',
  'Too many wrong tokens from this address; wrong ones are looked at again in <> s.':
    'Tokens errados demais deste endereço; os errados voltam a ser examinados em <> s.',
  'The watchdog is not known under this name: add it to api.hosts of the configuration, or call it by its IP address.':
    'O watchdog não é conhecido por este nome: acrescente-o a api.hosts da configuração, ou chame-o pelo endereço IP.',
  'Without an api.token in the configuration only this machine itself may reload: call it there, send SIGHUP, or set api.token.':
    'Sem api.token na configuração, só esta máquina pode mandar recarregar: chame dali, envie SIGHUP, ou defina api.token.',
  'The body must not be longer than <>.': 'O corpo não pode ter mais que <>.',
  'The body must be JSON: send Content-Type: application/json.':
    'O corpo precisa ser JSON: envie Content-Type: application/json.',
  'Too many long bodies are being sent at the same time.': 'Há corpos longos demais sendo enviados ao mesmo tempo.',
  'The connection ended within the body.': 'A conexão terminou no meio do corpo.',
  'Too many long answers are being made; try again in a moment.':
    'Há respostas longas demais sendo feitas; tente de novo daqui a pouco.',
};
