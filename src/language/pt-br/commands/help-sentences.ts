import type { ProblemSentences } from '../../problem-translation.ts';

/** What `--help` says, by the English text. Names of commands and options, and what stands for their values, stay as they are typed. */
export const HELP_SENTENCES: ProblemSentences = {
  // Of the parser of the command line (commander).
  'Usage:': 'Uso:',
  'Arguments:': 'Argumentos:',
  'Options:': 'Opções:',
  'Commands:': 'Comandos:',
  '[options]': '[opções]',
  '[command]': '[comando]',
  default: 'padrão',
  choices: 'valores',
  'display help for command': 'mostra a ajuda do comando',
  'output the version number': 'mostra a versão',

  // Commands.
  'Watches WhatsApp instances hosted by SmileAPI and restarts the ones that lost their connection.':
    'Monitora instâncias de WhatsApp hospedadas na SmileAPI e reinicia as que perderam a conexão.',
  'the daemon: probe, restart what needs it, expose metrics':
    'o daemon: verifica, reinicia o que precisa, publica métricas',
  'ask for a gateway, probe and list its instances, and write a config for them':
    'pergunta por um gateway, lista e verifica as instâncias dele, e escreve uma configuração para elas',
  'validate the config and print what would be watched': 'valida a configuração e mostra o que seria monitorado',
  'probe all instances once, or those named': 'verifica todas as instâncias uma vez, ou as que forem nomeadas',
  "one restart call now; prints the gateway's JSON answer":
    'faz um pedido de reinício agora; mostra a resposta do gateway em JSON',
  'the fleet of a running daemon, the sick ones first':
    'as instâncias de um daemon em execução, primeiro as com problema',
  'the instances of a running daemon': 'as instâncias de um daemon em execução',
  'what happened lately': 'o que aconteceu há pouco',
  'hold automatic restarts of instances; they are still probed':
    'retém os reinícios automáticos de instâncias; elas continuam sendo verificadas',
  'end pauses': 'termina pausas',
  'silence the messages about the troubles of instances until they end':
    'silencia as mensagens sobre os problemas de instâncias até eles acabarem',
  'forget attempts, cooldown and spent budget of instances':
    'zera as tentativas, o intervalo e o limite de reinícios de instâncias',
  'let restarts of an account go on that are held because restarts did harm':
    'libera os reinícios de uma conta, retidos porque reinícios fizeram mal',
  'availability month by month': 'disponibilidade mês a mês',
  'have the running daemon read its config again': 'manda o daemon em execução reler a configuração',
  'test: send a test message to each receiver, or to those named':
    'test: envia uma mensagem de teste a cada destino, ou aos que forem nomeados',
  'a simulated gateway, a fleet that breaks, and the daemon healing it':
    'um gateway simulado, instâncias que falham, e o daemon recuperando-as',
  'try the config on a scenario; calls no gateway': 'testa a configuração em um cenário; não chama nenhum gateway',
  'JSON Schema of the config, for editors': 'JSON Schema da configuração, para editores',
  'the gateways of program and config, or the description of one':
    'os gateways do programa e da configuração, ou a descrição de um deles',
  'a simulated gateway for trying things out; prints one JSON line with its URL':
    'um gateway simulado para experimentar; mostra uma linha de JSON com a URL',
  'a script that has a shell complete commands and options': 'um script para o shell completar comandos e opções',

  // Options and arguments of several commands.
  'config file (also: the variable WATCHDOG_CONFIG)': 'arquivo de configuração (ou a variável WATCHDOG_CONFIG)',
  'config file of the daemon: its address and token': 'arquivo de configuração do daemon: o endereço e o token dele',
  'address of the running daemon (default: where the config lets it listen)':
    'endereço do daemon em execução (padrão: onde a configuração o faz escutar)',
  'file with the token (default: the variable WATCHDOG_TOKEN, or the config)':
    'arquivo com o token (padrão: a variável WATCHDOG_TOKEN, ou a configuração)',
  'names of instances': 'nomes de instâncias',
  'name of the instance': 'nome da instância',
  'name of the account': 'nome da conta',
  'print JSON': 'mostra JSON',
  'print CSV': 'mostra CSV',
  'print one JSON object': 'mostra um objeto JSON',
  'print one JSON object for each': 'mostra um objeto JSON para cada um',
  'print one JSON document': 'mostra um documento JSON',
  'only those in this phase, or paused': 'só as que estão nesta fase, ou paused para as pausadas',
  'only those of this account': 'só as desta conta',
  'only those with this label': 'só as com esta etiqueta',
  'only instances of this account': 'só instâncias desta conta',
  'only instances with this label': 'só instâncias com esta etiqueta',
  why: 'o motivo',
  'the built-in gateway that is simulated': 'o gateway embutido que é simulado',

  // Of one command each.
  'decide and report, call nothing': 'decide e relata, não chama nada',
  'the file to write': 'o arquivo a escrever',
  'a built-in gateway (see the command gateways)': 'um gateway embutido (veja o comando gateways)',
  'address of the gateway': 'endereço do gateway',
  'user name of the account, where the gateway wants one': 'nome de usuário da conta, onde o gateway pede um',
  'file that holds the token; the config names it': 'arquivo que contém o token; a configuração o nomeia',
  'environment variable that holds the token; the config names it':
    'variável de ambiente que contém o token; a configuração a nomeia',
  'a further secret of the gateway, in an environment variable':
    'mais um segredo do gateway, em uma variável de ambiente',
  'an instance to watch; without it those that the gateway lists':
    'uma instância a monitorar; sem isto, as que o gateway lista',
  'name of the account (default: that of the gateway)': 'nome da conta (padrão: o do gateway)',
  'replace the file if it is there': 'substitui o arquivo se ele existir',
  'have the running daemon probe those named, which counts for it':
    'manda o daemon em execução verificar as nomeadas, o que conta para ele',
  'address of the running daemon, with --now': 'endereço do daemon em execução, com --now',
  'file with api.token, with --now': 'arquivo com api.token, com --now',
  'even if a cooldown, a spent budget or anything else holds it':
    'mesmo que um intervalo, um limite atingido ou outra coisa o retenha',
  'what to do': 'o que fazer',
  'names of receivers': 'nomes de destinos',
  'port of the daemon (default: 9847, or any free one)': 'porta do daemon (padrão: 9847, ou qualquer uma livre)',
  'show at the end what was to happen to each instance': 'mostra no fim o que devia acontecer com cada instância',
  'what happens and what is expected, one sentence per line': 'o que acontece e o que se espera, uma frase por linha',
  'name of a gateway': 'nome de um gateway',
  'port to listen on; 0: any': 'porta em que escuta; 0: qualquer uma',
  'how many instances it has': 'quantas instâncias ele tem',
  'the account it serves': 'a conta que ele atende',
  'the token it asks for': 'o token que ele pede',
  'where it sends webhooks of messages, with --gateway': 'para onde envia webhooks de mensagens, com --gateway',
  'which shell': 'qual shell',
  'all instances, however many': 'todas as instâncias, por mais que sejam',
  'again every two seconds': 'de novo a cada dois segundos',
  'and what happens from now on': 'e o que acontecer a partir de agora',
  'only events of this instance': 'só eventos desta instância',
  'only events of this account': 'só eventos desta conta',
  'at most N events': 'no máximo N eventos',
  'how long, such as 2h (default: until they are resumed)': 'por quanto tempo, como 2h (padrão: até serem retomadas)',
  'how long at most, such as 4h (default: until they end)':
    'por quanto tempo no máximo, como 4h (padrão: até acabarem)',
  'account, instance, label:KEY, or all': 'account (conta), instance (instância), label:CHAVE (etiqueta) ou all (tudo)',
  'only this month': 'só este mês',
  'even if that takes most of the fleet away': 'mesmo que isso tire a maioria das instâncias',
};
