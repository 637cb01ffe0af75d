use IO::Socket::INET;
my $s;
$s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or select(undef, undef, undef, 0.1) until $s;
open(my $in, ">", $ARGV[1]);
open(my $out, "<", $ARGV[2]);
sleep 1000;
