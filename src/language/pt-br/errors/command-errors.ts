import type { ProblemSentences } from '../../problem-translation.ts';
import { PROBLEM_SENTENCES } from '../problems/problem-sentences.ts';
import { ANSWER_SENTENCES } from './answer-errors.ts';
import { STATE_SENTENCES } from './state-errors.ts';

/** What commands say where they are used wrongly or cannot do their work. Options and their words stay as they are typed. */
const COMMAND_SENTENCES: ProblemSentences = {
  // Of the parser of the command line (commander).
  "error: unknown option '<>'": "erro: opção desconhecida '<>'",
  "error: unknown command '<>'": "erro: comando desconhecido '<>'",
  '(Did you mean <>?)': '(Você quis dizer <>?)',
  '(Did you mean one of <>?)': '(Você quis dizer uma destas: <>?)',
  "error: missing required argument '<>'": "erro: falta o argumento obrigatório '<>'",
  "error: required option '<>' not specified": "erro: falta a opção obrigatória '<>'",
  "error: option '<>' argument missing": "erro: falta o valor da opção '<>'",
  "error: option '<>' argument '<>' is invalid. <>": "erro: o valor '<2>' da opção '<1>' é inválido. <3>",
  "error: command-argument value '<>' is invalid for argument '<>'. <>":
    "erro: o valor '<1>' é inválido para o argumento '<2>'. <3>",
  'Allowed choices are <>.': 'Os valores possíveis são <>.',
  "error: too many arguments for '<>'. Expected <> arguments but got <>.":
    "erro: argumentos demais para '<>'. São esperados <>, e vieram <>.",
  "error: too many arguments for '<>'. Expected <> argument but got <>.":
    "erro: argumentos demais para '<>'. É esperado <>, e vieram <>.",
  'smileapi-watchdog --help lists all commands and options.':
    'smileapi-watchdog --help lista todos os comandos e opções.',
  'A port is a number from 0 to 65535.': 'Uma porta é um número de 0 a 65535.',
  'Give a number from 1 to 999999.': 'Informe um número de 1 a 999999.',
  'Give a number from 1 to 1000.': 'Informe um número de 1 a 1000.',

  // Names, options.
  'there is no instance <>: <>': 'não existe a instância <>: <>',
  'see `smileapi-watchdog check` for all of them': '`smileapi-watchdog check` mostra todas',
  'did you mean <>?': 'você quis dizer <>?',
  'there is no built-in gateway <>. <>': 'não existe o gateway embutido <>. <>',
  'there is no phase <>: write one of <> or paused': 'não existe a fase <>: escreva uma destas: <> ou paused',
  'name the instances that the daemon is to probe now': 'informe as instâncias que o daemon deve verificar agora',
  '--for wants a duration, such as 30m, 2h or 1d12h': '--for pede uma duração, como 30m, 2h ou 1d12h',
  '--month: write it as 2026-11': '--month: escreva como 2026-11',
  '--url: write it as <>': '--url: escreva como <>',
  '--json and --csv exclude each other. Keep one of the two.': '--json e --csv se excluem. Fique com um dos dois.',
  '--label: write it as key=value': '--label: escreva como chave=valor',
  '--by: it must be all, account, instance or label:KEY': '--by: precisa ser all, account, instance ou label:CHAVE',
  'no instance matches --account and --label': 'nenhuma instância corresponde a --account e --label',
  '<>: there is no instance to simulate. List some under instances.':
    '<>: não há nenhuma instância para simular. Liste algumas em instances.',
  '<>: <>. Check the path given with --scenario.': '<>: <>. Verifique o caminho informado em --scenario.',

  // The running daemon.
  'no watchdog answers at <>: <>. Is it running? Give its address with --url.':
    'nenhum watchdog responde em <>: <>. Ele está em execução? Informe o endereço dele com --url.',
  'the live stream has ended': 'o fluxo ao vivo terminou',
  'its answer is too long for a watchdog': 'a resposta é longa demais para um watchdog',
  'it redirects to another address (HTTP <>)': 'ele redireciona para outro endereço (HTTP <>)',
  'its answer is not that of a watchdog of this version': 'a resposta não é a de um watchdog desta versão',
  'the token file <> cannot be read: <>': 'o arquivo de token <> não pode ser lido: <>',
  // As the source writes it.
  'the token file <> <>': 'o arquivo de token <> <>',
  'the watchdog answers <>: <> Give the token with --token-file, or in WATCHDOG_TOKEN.':
    'o watchdog responde <>: <> Informe o token com --token-file, ou em WATCHDOG_TOKEN.',
  'the watchdog answers <>: <>': 'o watchdog responde <>: <>',
  'the config lets the daemon listen on any port: give its address with --url':
    'a configuração deixa o daemon escutar em qualquer porta: informe o endereço dele com --url',
  '<> accepts no calls because the config sets no api.token. Set one, or leave <> to it.':
    '<> não aceita chamadas, porque a configuração não define api.token. Defina um, ou deixe <> com ele.',
  'a daemon is running, but': 'há um daemon em execução, que',
  'the daemon at <>': 'o daemon em <>',
  '<> has problems here (smileapi-watchdog check shows them), so <> is called':
    '<> tem problemas aqui (smileapi-watchdog check os mostra), então é chamado <>',

  // Receivers of notifications.
  'no answer: <>': 'sem resposta: <>',
  'no answer through the proxy: <>': 'sem resposta pelo proxy: <>',
  'the proxy says HTTP <>': 'o proxy diz HTTP <>',
  'no answer of the mail server: <>': 'sem resposta do servidor de e-mail: <>',
  'no answer within <> s': 'sem resposta em <> s',
  'HTTP <>: a web page answers in its place': 'HTTP <>: uma página web responde no lugar dele',
  'HTTP <>: Apprise keeps no services under this key': 'HTTP <>: o Apprise não guarda serviços nesta chave',
  'there is no receiver <>: <>': 'não existe o destino <>: <>',
  'known are <>': 'existem <>',

  // What it listens on.
  'cannot listen on <>: <>': 'não é possível escutar em <>: <>',
  'the address is in use; end the program that uses it, or set listen to another port':
    'o endereço está em uso; encerre o programa que o usa, ou defina listen com outra porta',
  'no permission; set listen to a port above 1023, or allow this program to use lower ones':
    'sem permissão; defina listen com uma porta acima de 1023, ou permita a este programa usar as menores',
  'this machine has no such address; set listen to one of its own, or to 0.0.0.0':
    'esta máquina não tem esse endereço; defina listen com um dela, ou com 0.0.0.0',
  'the host name is not known; set listen to an IP address':
    'o nome do host não é conhecido; defina listen com um endereço IP',
  '<>; set listen to another address': '<>; defina listen com outro endereço',

  // init.
  'Nothing was written.': 'Nada foi escrito.',
  '<> is there already: name another file with -c, or add --force to replace it':
    '<> já existe: informe outro arquivo com -c, ou acrescente --force para substituir',
  '<> is there already, and nothing was written. --force replaces it.':
    '<> já existe, e nada foi escrito. --force substitui.',
  '<> cannot be written in <> (<>), so nothing was.': '<> não pode ser escrito em <> (<>), e nada foi.',
  'unknown error': 'erro desconhecido',
  '--account must be a name of 1 to 63 letters, digits, ".", "_" or "-"':
    '--account precisa ser um nome de 1 a 63 letras, algarismos, ".", "_" ou "-"',
  'nobody can be asked here, because this is no terminal: give <>':
    'aqui não há a quem perguntar, porque isto não é um terminal: informe <>',
  '--url <>. Write it like https://gateway.example.org.': '--url <>. Escreva como https://gateway.example.org.',
  'the gateway <> wants a user name: give --username NAME':
    'o gateway <> pede um nome de usuário: informe --username NOME',
  'the gateway <> wants <>: give --value <>=VARIABLE': 'o gateway <> pede <>: informe --value <>=VARIÁVEL',
  '--token-file and --token-variable exclude each other. Keep one of the two.':
    '--token-file e --token-variable se excluem. Fique com um dos dois.',
  'the file of --token-file must hold one line of visible ASCII characters':
    'o arquivo de --token-file precisa conter uma linha de caracteres ASCII visíveis',
  '--value must be NAME=VARIABLE, such as adminToken=WUZAPI_ADMIN_TOKEN':
    '--value precisa ser NOME=VARIÁVEL, como adminToken=WUZAPI_ADMIN_TOKEN',
  '<> must name an environment variable': '<> precisa ser o nome de uma variável de ambiente',
  '<>: the environment variable <> is not set, or is not one line of visible ASCII characters':
    '<>: a variável de ambiente <> não está definida, ou não é uma linha de caracteres ASCII visíveis',
  'the file of --token-file cannot be read (<>)': 'o arquivo de --token-file não pode ser lido (<>)',
  '--id <> <>': '--id <> <>',
  'the gateway lists its instances only with <>: give --value <>=VARIABLE, or their ids with --id ID':
    'o gateway só lista as instâncias com <>: informe --value <>=VARIÁVEL, ou os ids delas com --id ID',
  '--value <>: the gateway <> wants no <>': '--value <>: o gateway <> não pede <>',
  'Nothing can be written in <> (<>).': 'Nada pode ser escrito em <> (<>).',
  'the gateway lists no instances: give their ids with --id ID':
    'o gateway não lista instâncias: informe os ids delas com --id ID',
};

export const ERROR_SENTENCES: ProblemSentences = {
  ...PROBLEM_SENTENCES,
  ...STATE_SENTENCES,
  ...ANSWER_SENTENCES,
  ...COMMAND_SENTENCES,
};
